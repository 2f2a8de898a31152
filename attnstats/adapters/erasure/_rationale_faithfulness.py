"""Comprehensiveness and sufficiency of the words that scores put first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax

from attnstats._distributions import ERASER_SHARES, checked_shares, descending_ranks, erased_counts
from attnstats._validation import (
    BoolArray,
    FloatArray,
    IntArray,
    RNGLike,
    as_generator,
    check_count,
    check_object,
    warn_of_copies,
)
from attnstats.adapters.attributions.attributions import Attributions
from attnstats.adapters.erasure._erasure import ErasedTexts, Erasure
from attnstats.adapters.erasure._scores import ranks_with_ties_at_random, scores_of_units
from attnstats.adapters.erasure.deleted import Deleted
from attnstats.adapters.erasure.faithfulness import PerturbationCurve, RationaleFaithfulness
from attnstats.adapters.transformers._model_on_texts import ModelOnTexts
from attnstats.adapters.transformers._not_finite import first_wrong, passing_on_nan
from attnstats.adapters.transformers._shown import Shown
from attnstats.adapters.transformers._tokenized import Text
from attnstats.trace import Units, Words


def rationale_faithfulness(
    model: Any,
    tokenizer: Any,
    texts: Sequence[Text],
    scores: ArrayLike | Attributions | Sequence[ArrayLike],
    *,
    erasure: Erasure = Deleted(),  # noqa: B008 (frozen)
    shares: Sequence[float] = ERASER_SHARES,
    n_random: int = 5,
    answers: Sequence[str] | None = None,
    max_length: int | None = None,
    batch_size: int = 32,
    units: Units = Words(),  # noqa: B008 (frozen)
    rng: RNGLike = None,
) -> RationaleFaithfulness:
    """Return how much the output falls when the words that scores put first are erased, and when they are kept alone.

    With ŷ the predicted class, comprehensiveness is p(ŷ | x) − p(ŷ | x without the first words), and sufficiency is
    p(ŷ | x) − p(ŷ | the first words), as in `attnstats.ablation`. Both also contain what an unusual input does to the
    model, whichever words are erased; so random rationales of the same number of words stand beside them.

    Parameters
    ----------
    model, tokenizer, texts, answers, max_length, batch_size, units
        As in `trace_transformer`.
    scores : Attributions, or array_like, shape (n_texts, n_units), or a list of one row for each text
        Of the words, such as what `attribute_transformer` or `TransformerTrace.attention` gives; the highest are erased
        first, equal ones in an order that `rng` draws, so that they favour no place in the text.
    erasure : Deleted, MaskToken, PadToken, ZeroEmbedding or OtherTexts
        What stands in the place of an erased word.
    shares : sequence of float
        Shares of each text's words in (0, 1), rounded up to whole words; one word is always left.
    n_random : int
        Random rationales a text.
    rng : seed or Generator, optional
        Source of random rationales, of the order of equal scores, and of the words that `OtherTexts` draws.

    Returns
    -------
    RationaleFaithfulness
        Both measures for each text and share, beside those of random rationales; their areas over the shares have t
        intervals over texts. Nothing is said of other trainings of the model.

    Raises
    ------
    InvalidInputError
        As `trace_transformer`; if `scores` do not fit the texts, or a share lies outside (0, 1).
    NonFiniteError
        If scores or outputs are not finite.
    MissingExtraError
        If torch or transformers is not installed.

    References
    ----------
    DeYoung et al. (2020), ERASER: a benchmark to evaluate rationalized NLP models, ACL, section 4.2. Its formula of the
    area also counts an empty share, whose fall is zero, and so divides by one more.

    Examples
    --------
    >>> from attnstats.adapters import MaskToken, rationale_faithfulness
    >>> rationale_faithfulness(model, tokenizer, texts, scores, erasure=MaskToken(), rng=0)  # doctest: +SKIP
    comprehensiveness = 0.21, 95 % CI [0.194, 0.226] (t over texts); of random rationales 0.0741; difference ...
    """
    check_object(erasure, "erasure", Erasure, "Deleted() or MaskToken()")
    check_object(units, "units", Units, "Words() or Tokens()")
    checked = checked_shares(shares)
    draws, generator = check_count(n_random, "n_random"), as_generator(rng)
    on = ModelOnTexts.of(model, tokenizer, texts, answers=answers, max_length=max_length, batch_size=batch_size)
    warn_of_copies([text if isinstance(text, str) else tuple(text) for text in texts], "texts")
    shown = Shown.of(on.tokens, units)
    ranks = [ranks_with_ties_at_random(scores_of_units(scores, shown, units), shown.mask, generator)]
    ranks += [descending_ranks(generator.random(shown.mask.shape), shown.mask) for _ in range(draws)]
    counts = erased_counts(shown.counts, checked)
    # Axes: orders, shares, texts, units.
    order, count = np.stack(ranks)[:, np.newaxis], counts[np.newaxis, :, :, np.newaxis]
    erasures = {
        "comprehensiveness": (order < count) & shown.mask,
        "sufficiency": (order >= np.maximum(count, 1)) & shown.mask,
    }
    probabilities = _Probabilities(on, shown, ErasedTexts(on, erasure, shown.numbers, generator))
    with passing_on_nan(on.model):
        intact = probabilities.of(np.zeros((1, *shown.mask.shape), dtype=np.bool_))[0]
        outputs = {name: probabilities.of(each.reshape(-1, *shown.mask.shape)) for name, each in erasures.items()}
    predicted = intact.argmax(axis=1)
    curves = []
    for measure, moved in outputs.items():
        falls = _of_class(intact, predicted) - _of_class(moved, predicted).reshape(len(ranks), len(checked), -1)
        curves.append(PerturbationCurve(measure, falls[0].T, falls[1:].mean(axis=0).T, checked))
    return RationaleFaithfulness(curves[0], curves[1], predicted, erasure, draws, shown.counts, on.tokens.truncated)


class _Probabilities:
    """Class probabilities of texts of which some units are erased; what recurs is run once."""

    def __init__(self, on: ModelOnTexts, shown: Shown, texts: ErasedTexts) -> None:
        self._on, self._shown, self._texts = on, shown, texts

    def of(self, erased: BoolArray) -> FloatArray:
        """Return probabilities, shape (n, n_texts, n_classes), for erased units, shape (n, n_texts, n_units)."""
        n, n_texts, _ = erased.shape
        # A text in which nothing is erased, or the same, in several shares or orders, is one row.
        rows = np.tile(np.arange(n_texts), n)
        keys = np.column_stack([rows, erased.reshape(n * n_texts, -1)])
        distinct, places = np.unique(keys, axis=0, return_inverse=True)
        logits = self._texts.logits(distinct[:, 0], [self._of_tokens(key[0], key[1:] > 0) for key in distinct])
        if not (finite := np.isfinite(logits)).all():
            raise self._on.not_finite(first_wrong(finite, distinct[:, 0]), when="with words erased")
        return np.asarray(softmax(logits, axis=1)[places.ravel()].reshape(n, n_texts, -1))

    def _of_tokens(self, row: int, erased: BoolArray) -> BoolArray:
        """Return which tokens of a text are those of the erased units."""
        units = self._shown.numbers[row, : len(self._on.tokens.word[row])]
        return np.asarray((units >= 0) & erased[units])


def _of_class(probabilities: FloatArray, classes: IntArray) -> FloatArray:
    """Return the probability of one class of each text."""
    return np.asarray(probabilities[..., np.arange(len(classes)), classes])
