"""Intervals and p-values from the data themselves: bootstrap, subsampling, permutation, sign flips."""

from __future__ import annotations

from attnstats.resampling.bootstrap.bca import BCa
from attnstats.resampling.bootstrap.bootstrap import bootstrap_interval
from attnstats.resampling.bootstrap.designs import IID, Clustered, Crossed, IndependentSamples, Nested, Stratified
from attnstats.resampling.bootstrap.double_bootstrap import DoubleBootstrap
from attnstats.resampling.bootstrap.hall_t import HallT
from attnstats.resampling.bootstrap.percentile import Basic, Percentile
from attnstats.resampling.bootstrap.studentized import Studentized
from attnstats.resampling.bootstrap.wilson import Wilson
from attnstats.resampling.permutation.exchange import Blocked, ClusterLabels, Independent, Pairings
from attnstats.resampling.permutation.permutation import Permutation, permutation_pvalue, permutation_test
from attnstats.resampling.permutation.sign_flip import sign_flip_test
from attnstats.resampling.permutation.welch import WelchT
from attnstats.resampling.statistic import FunctionOfMeans, PermutedStatistic, WeightedStatistic
from attnstats.resampling.subsampling.delete_d import DeleteD
from attnstats.resampling.subsampling.half_sampling import HalfSampling
from attnstats.resampling.subsampling.holmes_nemenman import HolmesNemenman
from attnstats.resampling.subsampling.interface import SubsampleInterval
from attnstats.resampling.subsampling.politis_romano import PolitisRomano
from attnstats.resampling.subsampling.time_blocks import TimeBlocks

__all__ = [
    "IID",
    "BCa",
    "Basic",
    "Blocked",
    "ClusterLabels",
    "Clustered",
    "Crossed",
    "DeleteD",
    "DoubleBootstrap",
    "FunctionOfMeans",
    "HalfSampling",
    "HallT",
    "HolmesNemenman",
    "Independent",
    "IndependentSamples",
    "Nested",
    "Pairings",
    "Percentile",
    "Permutation",
    "PermutedStatistic",
    "PolitisRomano",
    "Stratified",
    "Studentized",
    "SubsampleInterval",
    "TimeBlocks",
    "WeightedStatistic",
    "WelchT",
    "Wilson",
    "bootstrap_interval",
    "permutation_pvalue",
    "permutation_test",
    "sign_flip_test",
]
