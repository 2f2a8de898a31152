"""Effect sizes of two conditions over their units."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from attnstats.comparison import hedges_g, hedges_g_independent, probability_of_superiority
from attnstats.exceptions import ConstantInputError, TooFewSamplesError
from attnstats.scores.analyses.analysis import complete_pairs, present
from attnstats.scores.analyses.blocks import Blocks
from attnstats.scores.comparison.differences import EffectSizes


def effect_sizes(a: Blocks, b: Blocks, *, paired: bool) -> EffectSizes:
    """Return the effect sizes of two conditions, means over data sets."""
    if paired:
        pairs = [complete_pairs(*pair) for pair in zip(a, b, strict=True)]
    else:
        pairs = [(present(x.unit_means), present(y.unit_means)) for x, y in zip(a, b, strict=True)]
    standardise: Callable[..., float] = hedges_g if paired else hedges_g_independent
    try:
        g = float(np.mean([standardise(*pair) for pair in pairs]))
    except (ConstantInputError, TooFewSamplesError):  # no standard deviation
        g = math.nan
    superiority = float(np.mean([probability_of_superiority(*pair) for pair in pairs]))
    return EffectSizes(g, superiority, 2 * superiority - 1)
