"""Words of other texts in the place of what is erased."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from attnstats._validation import BoolArray, IntArray
from attnstats.adapters.erasure._erasure import Erased, Erasure, Inputs, whole
from attnstats.adapters.transformers._model_on_texts import ModelOnTexts
from attnstats.exceptions import InvalidInputError


@dataclass(frozen=True)
class OtherTexts(Erasure):
    """Words of the other texts, drawn at random, stand in the place of what is erased.

    The text keeps its length and holds nothing that the model has not met (Kim et al. 2020 ask for such likely inputs).
    A word of n tokens becomes a word of n tokens of another text, or several shorter ones where there is none, drawn
    as often as they occur. The first words of texts are not drawn, since tokenizers often mark them.

    References
    ----------
    Kim, Yi, Kim and Yoon (2020), Interpretation of NLP models through input marginalization, EMNLP, 3154-3167.

    Examples
    --------
    >>> from attnstats.adapters import OtherTexts
    >>> OtherTexts()
    OtherTexts()
    """

    def of(self, on: ModelOnTexts, numbers: IntArray, rng: np.random.Generator) -> Erased:
        """Return the text with its erased units filled in."""
        pool = _Pool(on, numbers)

        def filled(row: int, erased: BoolArray) -> Inputs:
            inputs = whole(on, row)
            units = np.where(erased, numbers[row, : len(erased)], -1)
            for unit in np.unique(units[erased]):
                at = np.flatnonzero(units == unit)
                inputs["input_ids"][at] = pool.drawn(row, len(at), rng)
            return inputs

        return filled


class _Pool:
    """Units of texts by their number of tokens."""

    def __init__(self, on: ModelOnTexts, numbers: IntArray) -> None:
        found = defaultdict(list)
        for row, ids in enumerate(on.tokens.inputs["input_ids"]):
            of_token = numbers[row, : len(ids)]
            plain = ~on.tokens.special[row]
            for unit in range(1, int(of_token.max()) + 1):
                at = np.flatnonzero((of_token == unit) & plain)
                found[len(at)].append((row, np.asarray(ids)[at]))
        found.pop(0, None)
        self._texts = {size: np.array([row for row, _ in units]) for size, units in found.items()}
        self._ids = {size: np.array([ids for _, ids in units]) for size, units in found.items()}

    def drawn(self, row: int, n_tokens: int, rng: np.random.Generator) -> IntArray:
        """Return so many tokens of texts other than this one."""
        parts: list[IntArray] = []
        while left := n_tokens - sum(map(len, parts)):
            for size in range(left, 0, -1):
                # Texts stand in order: those of one are a run, which is skipped.
                texts = self._texts.get(size, np.empty(0, dtype=np.int64))
                first, behind = np.searchsorted(texts, [row, row + 1])
                if (others := len(texts) - (behind - first)) > 0:
                    place = int(rng.integers(others))
                    parts.append(self._ids[size][place if place < first else place + behind - first])
                    break
            else:
                raise InvalidInputError(
                    f"texts: must hold words to be put into text {row} in the place of erased ones, of at most {left} "
                    "tokens and not the first of a text; there are none in the other texts"
                )
        return np.concatenate(parts)
