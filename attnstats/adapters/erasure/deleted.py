"""Nothing in the place of what is erased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from attnstats._validation import BoolArray, IntArray
from attnstats.adapters.erasure._erasure import Erased, Erasure, Inputs, whole
from attnstats.adapters.transformers._model_on_texts import ModelOnTexts


@dataclass(frozen=True)
class Deleted(Erasure):
    """Nothing stands in the place of what is erased: the tokens behind it move up (DeYoung et al. 2020).

    Positions change with the text, and texts become shorter than those that the model was trained on.

    Examples
    --------
    >>> from attnstats.adapters import Deleted
    >>> Deleted()
    Deleted()
    """

    shortens: ClassVar[bool] = True

    def of(self, on: ModelOnTexts, numbers: IntArray, rng: np.random.Generator) -> Erased:  # noqa: ARG002
        """Return the rest of a text."""

        def rest(row: int, erased: BoolArray) -> Inputs:
            return {name: values[~erased] for name, values in whole(on, row).items()}

        return rest
