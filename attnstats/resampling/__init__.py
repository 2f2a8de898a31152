"""Intervals and p-values from the data themselves: bootstrap, subsampling, permutation, sign flips."""

from attnstats.resampling.bootstrap import Basic, BCa, Percentile, bootstrap_interval
from attnstats.resampling.delete_d import DeleteD
from attnstats.resampling.designs import IID, Clustered, Crossed
from attnstats.resampling.half_sampling import HalfSampling
from attnstats.resampling.holmes_nemenman import HolmesNemenman
from attnstats.resampling.permutation import (
    Independent,
    Pairings,
    Permutation,
    permutation_pvalue,
    permutation_test,
)
from attnstats.resampling.politis_romano import PolitisRomano
from attnstats.resampling.samples import FunctionOfMeans
from attnstats.resampling.sign_flip import sign_flip_test
from attnstats.resampling.subsampling import SubsampleInterval

__all__ = [
    "IID",
    "BCa",
    "Basic",
    "Clustered",
    "Crossed",
    "DeleteD",
    "FunctionOfMeans",
    "HalfSampling",
    "HolmesNemenman",
    "Independent",
    "Pairings",
    "Percentile",
    "Permutation",
    "PolitisRomano",
    "SubsampleInterval",
    "bootstrap_interval",
    "permutation_pvalue",
    "permutation_test",
    "sign_flip_test",
]
