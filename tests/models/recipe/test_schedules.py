"""The learning rate over a training."""

import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.models import Constant, CosineDecay


def test_a_constant_rate_stays():
    assert {Constant().share(step, 50) for step in range(50)} == {1.0}


def test_half_a_cosine_takes_half_of_the_steps_together():
    shares = [CosineDecay().share(step, 1000) for step in range(1000)]
    assert shares[0] == 1
    assert np.diff(shares).max() < 0
    assert np.mean(shares) == pytest.approx(0.5, abs=1e-3)


def test_the_rise_is_a_line_that_ends_at_the_peak():
    shares = np.array([CosineDecay(warmup=0.1).share(step, 200) for step in range(200)])
    assert shares[:20] == pytest.approx(np.arange(1, 21) / 20)
    assert shares[20] == 1
    assert shares.argmax() == 19


@pytest.mark.parametrize("warmup", [-0.1, 1.0, "a"])
def test_a_bad_warm_up_is_named(warmup):
    with pytest.raises(InvalidInputError, match=r"warmup: must lie in \[0, 1\); got"):
        CosineDecay(warmup=warmup)
