"""What is the same for all seeds of a cell of the design."""

from typing import NamedTuple

from attnstats.studies.config.study import Component

__all__ = ["Condition"]


class Condition(NamedTuple):
    """What is the same for all seeds of a cell of the design."""

    dataset: Component
    encoder: Component
    attention: Component
    normalizer: Component
