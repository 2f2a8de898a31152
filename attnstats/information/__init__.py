"""Mutual information: how much one variable tells about another, in nats.

An estimator is a frozen dataclass of its parameters that inherits from `MIEstimator`. `BestBound` is the recommended
one where there are 50 samples or more: it takes variables of any kind, and chooses by evidence on held-out rows.
Quicker, for one kind each: `KSG` for two continuous variables, or in many dimensions `GaussianCopula`; `Probe` (a lower
bound) and `Ross` for a vector against classes; `Binned` for discrete variables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnstats._renamed import former_names
from attnstats.information._mutual_information import mutual_information, pointwise_mutual_information
from attnstats.information._total_correlation import total_correlation
from attnstats.information.best_bound import BestBound
from attnstats.information.columns.by_kind import ByKind
from attnstats.information.columns.matrix import InformationMatrix, mutual_information_matrix
from attnstats.information.columns.normalized import entropy_share, informational_correlation
from attnstats.information.columns.ranking import rank_features
from attnstats.information.columns.score import InformationScore
from attnstats.information.columns.selection import select_features
from attnstats.information.conditional import conditional_mutual_information
from attnstats.information.diagnostics.consistency import ConsistencyCheck, self_consistency
from attnstats.information.diagnostics.estimator_table import compare_estimators
from attnstats.information.diagnostics.sample_curve import SampleSizeCurve, sample_size_curve
from attnstats.information.differences import MIDifference, mutual_information_difference
from attnstats.information.discrete.binned import Binned
from attnstats.information.discrete.darbellay_vajda import DarbellayVajda
from attnstats.information.discrete.entropy import (
    ChaoShen,
    EntropyEstimator,
    Grassberger,
    JackknifeEntropy,
    JamesStein,
    MillerMadow,
    PlugIn,
)
from attnstats.information.discrete.nsb import NSB, EntropyPosterior
from attnstats.information.discrete.partition import EqualWidth, FreedmanDiaconis, Partition, Quantile
from attnstats.information.divergences import jensen_shannon_divergence, kl_divergence
from attnstats.information.interface import MIEstimator
from attnstats.information.intervals.certified import BettingBound, EmpiricalBernstein
from attnstats.information.intervals.held_out import HeldOutCLT
from attnstats.information.intervals.neighbor_jackknife import NeighborJackknife
from attnstats.information.intervals.terms import TermsInterval
from attnstats.information.knn.canonical_ksg import CanonicalKSG
from attnstats.information.knn.kozachenko_leonenko import KozachenkoLeonenko
from attnstats.information.knn.ksg import KSG
from attnstats.information.knn.local_nonuniformity import LocalNonuniformity
from attnstats.information.knn.mixture import DiscreteContinuousMixture
from attnstats.information.knn.ross import Ross
from attnstats.information.margins import AsMeasured, Margins, NormalScores, Standardized, UniformRanks
from attnstats.information.nulls.local_permutation import LocalPermutation
from attnstats.information.parametric.cca import CCA
from attnstats.information.parametric.gaussian import Gaussian
from attnstats.information.parametric.gaussian_copula import GaussianCopula
from attnstats.information.parametric.shrinkage import (
    LeaveOneOutShrinkage,
    LedoitWolf,
    NoShrinkage,
    SchaferStrimmer,
    Shrinkage,
)
from attnstats.information.parametric.student_copula import StudentCopula
from attnstats.information.probes import (
    Best,
    BoostedTrees,
    Classifier,
    Logistic,
    NearestNeighbors,
    NeuralNetwork,
    Probe,
    SplitHalf,
)
from attnstats.information.projections.canonical import AllColumns, KernelProjection, LinearProjection, Projection
from attnstats.information.projections.critic import CriticEstimator, Evidence, HeldOutPairs
from attnstats.information.projections.principal_components import PrincipalComponents
from attnstats.information.series._transfer_entropy import transfer_entropy
from attnstats.information.series.block_permutation import BlockPermutation
from attnstats.information.series.circular_shift import CircularShift
from attnstats.information.series.interface import SeriesNull
from attnstats.information.series.lagged import LagProfile, lagged_mutual_information
from attnstats.information.series.phase_surrogate import PhaseSurrogate
from attnstats.information.variational import (
    CLUB,
    NWJ,
    SMILE,
    BarberAgakov,
    Bilinear,
    ConditionalMixture,
    DifferenceOfEntropies,
    DonskerVaradhan,
    InfoNCE,
    InterpolatedBound,
    JensenShannon,
    Joint,
    NetworkTraining,
    Separable,
)

__all__ = [
    "CCA",
    "CLUB",
    "KSG",
    "NSB",
    "NWJ",
    "SMILE",
    "AllColumns",
    "AsMeasured",
    "BarberAgakov",
    "Best",
    "BestBound",
    "BettingBound",
    "Bilinear",
    "Binned",
    "BlockPermutation",
    "BoostedTrees",
    "ByKind",
    "CanonicalKSG",
    "ChaoShen",
    "CircularShift",
    "Classifier",
    "ConditionalMixture",
    "ConsistencyCheck",
    "CriticEstimator",
    "DarbellayVajda",
    "DifferenceOfEntropies",
    "DiscreteContinuousMixture",
    "DonskerVaradhan",
    "EmpiricalBernstein",
    "EntropyEstimator",
    "EntropyPosterior",
    "EqualWidth",
    "Evidence",
    "FreedmanDiaconis",
    "Gaussian",
    "GaussianCopula",
    "Grassberger",
    "HeldOutCLT",
    "HeldOutPairs",
    "InfoNCE",
    "InformationMatrix",
    "InformationScore",
    "InformationSelector",
    "InterpolatedBound",
    "JackknifeEntropy",
    "JamesStein",
    "JensenShannon",
    "Joint",
    "KernelProjection",
    "KozachenkoLeonenko",
    "LagProfile",
    "LeaveOneOutShrinkage",
    "LedoitWolf",
    "LinearProjection",
    "LocalNonuniformity",
    "LocalPermutation",
    "Logistic",
    "MIDifference",
    "MIEstimator",
    "Margins",
    "MillerMadow",
    "NearestNeighbors",
    "NeighborJackknife",
    "NetworkTraining",
    "NeuralNetwork",
    "NoShrinkage",
    "NormalScores",
    "Partition",
    "PhaseSurrogate",
    "PlugIn",
    "PrincipalComponents",
    "Probe",
    "Projection",
    "Quantile",
    "Ross",
    "SampleSizeCurve",
    "SchaferStrimmer",
    "Separable",
    "SeriesNull",
    "Shrinkage",
    "SplitHalf",
    "Standardized",
    "StudentCopula",
    "TermsInterval",
    "UniformRanks",
    "compare_estimators",
    "conditional_mutual_information",
    "entropy_share",
    "informational_correlation",
    "jensen_shannon_divergence",
    "kl_divergence",
    "lagged_mutual_information",
    "mutual_information",
    "mutual_information_difference",
    "mutual_information_matrix",
    "pointwise_mutual_information",
    "rank_features",
    "sample_size_curve",
    "select_features",
    "self_consistency",
    "total_correlation",
    "transfer_entropy",
]

if TYPE_CHECKING:
    from attnstats.information.columns.selector import InformationSelector
else:
    _former = former_names(
        __name__,
        Jackknife="JackknifeEntropy",
        LeaveOneOut="LeaveOneOutShrinkage",
        LocalVariance="NeighborJackknife",
        classifiers="probes",
    )

    def __getattr__(name):
        if name != "InformationSelector":
            return _former(name)
        # It inherits from scikit-learn, which takes longer to import than all else here.
        from attnstats.information.columns.selector import InformationSelector

        return InformationSelector
