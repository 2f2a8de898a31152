"""How a factor stands to the conditions: crossed with them, nested in them, or neither."""

from __future__ import annotations

from enum import Enum


class Layout(Enum):
    """How a factor stands to the conditions.

    Examples
    --------
    >>> from attnstats.scores import Layout
    >>> [layout.value for layout in Layout]
    ['crossed', 'nested', 'partly shared']
    """

    #: Every two conditions share two labels of it, or the only one that it has.
    CROSSED = "crossed"
    #: No label stands under two conditions, or those that do are declared to be different things.
    NESTED = "nested"
    #: Some labels are shared, but not between every two conditions, or, of seeds that would be pairs, too few.
    PARTLY = "partly shared"
