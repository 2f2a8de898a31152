"""What models of different seeds have in common."""

from __future__ import annotations

from typing import NamedTuple

from attnstats.studies.config.component import Component


class Condition(NamedTuple):
    """What models of different seeds have in common."""

    dataset: Component
    encoder: Component
    attention: Component
    normalizer: Component
