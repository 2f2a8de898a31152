"""Variational estimators: a small network is trained on some rows and bounds the information of the others.

Keras is imported by the first estimate, not with this package.
"""

from __future__ import annotations

from attnstats.information.margins import NormalScores, Standardized
from attnstats.information.variational.critics import Bilinear, ConditionalMixture, Joint, Separable
from attnstats.information.variational.discriminative import (
    NWJ,
    SMILE,
    DonskerVaradhan,
    InfoNCE,
    InterpolatedBound,
    JensenShannon,
)
from attnstats.information.variational.generative import CLUB, BarberAgakov, DifferenceOfEntropies
from attnstats.information.variational.training import NetworkTraining

__all__ = [
    "CLUB",
    "NWJ",
    "SMILE",
    "BarberAgakov",
    "Bilinear",
    "ConditionalMixture",
    "DifferenceOfEntropies",
    "DonskerVaradhan",
    "InfoNCE",
    "InterpolatedBound",
    "JensenShannon",
    "Joint",
    "NetworkTraining",
    "NormalScores",
    "Separable",
    "Standardized",
]
