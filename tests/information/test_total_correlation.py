"""Total correlation against closed forms, enumeration, and mutual information of two."""

import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.information import KSG, Binned, Gaussian, PlugIn, Ross, total_correlation


def test_of_normal_variables_it_is_minus_half_the_log_of_the_determinant():
    rng = np.random.default_rng(0)
    mixed = rng.normal(size=(500, 4)) @ rng.normal(size=(4, 4))
    by_determinant = -0.5 * np.linalg.slogdet(np.corrcoef(mixed.T))[1]
    found = total_correlation(list(mixed.T), Gaussian())
    plain = total_correlation(list(mixed.T[::-1]), Gaussian())
    assert found == pytest.approx(by_determinant, abs=0.02)  # less a correction for the size of the sample
    assert plain == pytest.approx(found, abs=0.02)


def test_of_classes_it_is_the_entropies_less_the_joint_one():
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 3, size=(2, 200))
    columns = [a, b, (a + b) % 3, rng.integers(0, 2, 200)]

    def entropy(*of):
        _, counts = np.unique(np.column_stack(of), axis=0, return_counts=True)
        shares = counts / counts.sum()
        return -(shares * np.log(shares)).sum()

    expected = sum(map(entropy, columns)) - entropy(*columns)
    assert total_correlation(columns, Binned(entropy=PlugIn())) == pytest.approx(expected, rel=1e-9)
    assert expected > np.log(3) - 0.1  # of the sum, which no two of them tell


def test_of_two_it_is_their_information():
    x, y = np.random.default_rng(2).normal(size=(2, 300))
    y = x + y
    assert total_correlation([x, y], KSG()) == KSG().estimate(x, y)
    assert abs(total_correlation([x, np.random.default_rng(3).normal(size=(300, 2))])) < 0.1


def test_what_does_not_fit_is_refused():
    x = np.arange(9.0)
    for wrong in ([x], "ab", 3, []):
        with pytest.raises(InvalidInputError, match="variables: must be a sequence of two"):
            total_correlation(wrong)
    with pytest.raises(InvalidInputError, match="length"):
        total_correlation([x, x[:5]])
    with pytest.raises(InvalidInputError):
        total_correlation([x, x > 4, x], Ross())
