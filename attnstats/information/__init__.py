"""Mutual information: how much one variable tells of another, in nats.

The verbs are `mutual_information` and `pointwise_mutual_information`; the estimators are frozen dataclasses that keep
the contract of `MIEstimator`. Which to take: two continuous variables, `KSG`; a vector against classes, `Probe` (a
lower bound) with `Ross` beside it; discrete or binned variables, `Binned`.
"""

from attnstats.information.binning import (
    Binned,
    EntropyEstimator,
    EqualWidth,
    MillerMadow,
    Partition,
    PlugIn,
    Quantile,
)
from attnstats.information.interface import MIEstimator
from attnstats.information.ksg import KSG
from attnstats.information.mixed import Ross
from attnstats.information.mutual_information import mutual_information, pointwise_mutual_information
from attnstats.information.probe import Probe, SplitHalf

__all__ = [
    "KSG",
    "Binned",
    "EntropyEstimator",
    "EqualWidth",
    "MIEstimator",
    "MillerMadow",
    "Partition",
    "PlugIn",
    "Probe",
    "Quantile",
    "Ross",
    "SplitHalf",
    "mutual_information",
    "pointwise_mutual_information",
]
