"""Estimates that qualify a finding and decide nothing: one number with its interval for each encoder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

from attnstats.exceptions import ConstantInputError
from attnstats.frame import Row, encode_parameters, interval_columns
from attnstats.results import ConfidenceInterval
from attnstats.studies.config.component import Component
from attnstats.studies.config.parts import Inference
from attnstats.studies.findings.evidence._contrasts import Contrast


@dataclass(frozen=True, eq=False, kw_only=True)
class Estimate:
    """What is estimated over the models with one encoder."""

    name: str
    estimand: str
    unit: str
    encoder: Component
    contrast: Contrast


class Estimated(NamedTuple):
    """An estimate with its interval; None where it is the same in every model, so that it has no sampling error."""

    about: Estimate
    interval: ConfidenceInterval | None

    def __str__(self) -> str:
        interval = "" if self.interval is None else f" [{self.interval.low:z.2f}, {self.interval.high:z.2f}]"
        return f"{self.about.contrast.value:z.2f}{interval} in {self.about.encoder}"

    @property
    def row(self) -> Row:
        """The row of the results frame."""
        contrast, n_seeds = self.about.contrast, len(self.about.contrast.seeds)
        size = {"n_strata": len(contrast.by_stratum), "datasets": list(dict.fromkeys(contrast.datasets))}
        return Row(
            quantity="estimate",
            encoder=str(self.about.encoder),
            parameters=encode_parameters(estimate=self.about.name, estimand=self.about.estimand, **size),
            value=contrast.value,
            unit=self.about.unit,
            n=n_seeds,
            replication_unit="seed",
            n_seeds=n_seeds,
            **interval_columns(self.interval),
        )


def estimated(estimates: Sequence[Estimate], inference: Inference, rng: np.random.Generator) -> list[Estimated]:
    """Return every estimate with its interval."""
    found = []
    for each, stream in zip(estimates, rng.spawn(len(estimates)), strict=True):
        try:
            interval = each.contrast.interval(inference, stream)
        except ConstantInputError:
            interval = None
        if interval is not None and each.unit == "proportion":
            interval = on_logits(each.contrast.value, interval)
        found.append(Estimated(each, interval))
    return found


def on_logits(share: float, interval: ConfidenceInterval) -> ConfidenceInterval:
    """Return the interval of a share with the same error on the scale of log(p / (1 - p)), so that it stays in (0, 1).

    >>> on_logits(0.2, ConfidenceInterval(-0.1, 0.5, level=0.95, method="ANOVA"))
    95 % CI [0.0369, 0.62] (ANOVA on logits)
    """
    slope = share * (1 - share)  # of the share by its logit
    low, high = (float(expit(logit(share) + (end - share) / slope)) for end in (interval.low, interval.high))
    return replace(interval, low=low, high=high, method=f"{interval.method} on logits")


def listed(parts: Iterable[object]) -> str:
    """Return parts of a sentence in a row, the last two joined by *and*."""
    *first, last = map(str, parts)
    return f"{', '.join(first)} and {last}" if first else last
