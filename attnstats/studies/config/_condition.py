"""What models of different seeds have in common."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from attnstats.studies.config.component import Component

#: Encoder, attention and normalizer.
Combination: TypeAlias = tuple[Component, Component, Component]


class Condition(NamedTuple):
    """What models of different seeds have in common."""

    dataset: Component
    encoder: Component
    attention: Component
    normalizer: Component
    training: str = "standard"

    @property
    def combination(self) -> Combination:
        """Encoder, attention and normalizer."""
        return self.encoder, self.attention, self.normalizer
