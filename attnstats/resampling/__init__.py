"""Intervals and p-values from the data themselves: bootstrap, subsampling, permutation, sign flips."""

from attnstats.resampling.bca import BCa
from attnstats.resampling.bootstrap import bootstrap_interval
from attnstats.resampling.delete_d import DeleteD
from attnstats.resampling.designs import IID, Clustered, Crossed, IndependentSamples, Nested, Stratified
from attnstats.resampling.double_bootstrap import DoubleBootstrap
from attnstats.resampling.exchange import Blocked, ClusterLabels, Independent, Pairings
from attnstats.resampling.half_sampling import HalfSampling
from attnstats.resampling.hall_t import HallT
from attnstats.resampling.holmes_nemenman import HolmesNemenman
from attnstats.resampling.percentile import Basic, Percentile
from attnstats.resampling.permutation import Permutation, permutation_pvalue, permutation_test
from attnstats.resampling.politis_romano import PolitisRomano
from attnstats.resampling.sign_flip import sign_flip_test
from attnstats.resampling.statistic import FunctionOfMeans, PermutedStatistic, WeightedStatistic
from attnstats.resampling.studentized import Studentized
from attnstats.resampling.subsampling import SubsampleInterval
from attnstats.resampling.welch import WelchT
from attnstats.resampling.wilson import Wilson

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
    "WeightedStatistic",
    "WelchT",
    "Wilson",
    "bootstrap_interval",
    "permutation_pvalue",
    "permutation_test",
    "sign_flip_test",
]
