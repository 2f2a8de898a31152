"""A test of a change against a margin, as a test of the change."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from attnstats.results import ConfidenceInterval, SignificanceResult


def shifted(result: SignificanceResult, margin: float, level: float) -> SignificanceResult:
    """Return a test of change - margin as a test of the change, with its interval at a level."""
    interval = partial(_shifted_interval, result, margin)
    return replace(result, effect=result.effect + margin, confidence_interval=interval(level), _interval=interval)


def _shifted_interval(result: SignificanceResult, margin: float, confidence_level: float) -> ConfidenceInterval:
    interval = result.interval(confidence_level)
    return replace(interval, low=interval.low + margin, high=interval.high + margin)
