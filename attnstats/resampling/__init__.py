"""Intervals and p-values from the data themselves: bootstrap, subsampling, permutation, sign flips."""

from attnstats.resampling.bootstrap import Basic, BCa, Percentile, bootstrap_interval
from attnstats.resampling.designs import IID, Clustered, Crossed
from attnstats.resampling.permutation import (
    Independent,
    Pairings,
    Permutation,
    permutation_pvalue,
    permutation_test,
)
from attnstats.resampling.samples import FunctionOfMeans
from attnstats.resampling.sign_flip import sign_flip_test
from attnstats.resampling.subsampling import HalfSampling

__all__ = [
    "IID",
    "BCa",
    "Basic",
    "Clustered",
    "Crossed",
    "FunctionOfMeans",
    "HalfSampling",
    "Independent",
    "Pairings",
    "Percentile",
    "Permutation",
    "bootstrap_interval",
    "permutation_pvalue",
    "permutation_test",
    "sign_flip_test",
]
