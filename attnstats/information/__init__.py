"""Mutual information: how much one variable tells of another, in nats.

The verbs are `mutual_information`, `conditional_mutual_information` and `pointwise_mutual_information`; the estimators
are frozen dataclasses that keep the contract of `MIEstimator`. Which to take: two continuous variables, `KSG`, or in
many dimensions `GaussianCopula`; a vector against classes, `Probe` (a lower bound) with `Ross` beside it; discrete or
binned variables, `Binned`.
"""

from attnstats.information.best_bound import BestBound
from attnstats.information.binning import Binned
from attnstats.information.canonical import AllColumns, KernelProjection, LinearProjection, Projection
from attnstats.information.canonical_ksg import CanonicalKSG
from attnstats.information.cca import CCA
from attnstats.information.certified import BettingBound, EmpiricalBernstein
from attnstats.information.classifiers import Best, BoostedTrees, Classifier, Logistic, NearestNeighbors, NeuralNetwork
from attnstats.information.conditional import conditional_mutual_information
from attnstats.information.consistency import ConsistencyCheck, self_consistency
from attnstats.information.copula import GaussianCopula
from attnstats.information.critic import Critic, CriticEstimator
from attnstats.information.darbellay_vajda import DarbellayVajda
from attnstats.information.entropy import (
    ChaoShen,
    EntropyEstimator,
    Grassberger,
    Jackknife,
    JamesStein,
    MillerMadow,
    PlugIn,
)
from attnstats.information.estimator_table import compare_estimators
from attnstats.information.gaussian import Gaussian
from attnstats.information.held_out import HeldOutCLT
from attnstats.information.interface import MIEstimator
from attnstats.information.intervals import LocalVariance, TermsInterval
from attnstats.information.kozachenko_leonenko import KozachenkoLeonenko
from attnstats.information.ksg import KSG
from attnstats.information.local_nonuniformity import LocalNonuniformity
from attnstats.information.local_permutation import LocalPermutation
from attnstats.information.margins import AsMeasured, Margins, NormalScores, Standardized, UniformRanks
from attnstats.information.mixed import Ross
from attnstats.information.mixture import DiscreteContinuousMixture
from attnstats.information.mutual_information import mutual_information, pointwise_mutual_information
from attnstats.information.nsb import NSB, EntropyPosterior
from attnstats.information.partition import EqualWidth, FreedmanDiaconis, Partition, Quantile
from attnstats.information.principal_components import PrincipalComponents
from attnstats.information.probe import Probe, SplitHalf
from attnstats.information.sample_curve import SampleSizeCurve, sample_size_curve
from attnstats.information.shrinkage import LeaveOneOut, LedoitWolf, NoShrinkage, SchaferStrimmer, Shrinkage
from attnstats.information.student_copula import StudentCopula
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
    "BoostedTrees",
    "CanonicalKSG",
    "ChaoShen",
    "Classifier",
    "ConditionalMixture",
    "ConsistencyCheck",
    "Critic",
    "CriticEstimator",
    "DarbellayVajda",
    "DifferenceOfEntropies",
    "DiscreteContinuousMixture",
    "DonskerVaradhan",
    "EmpiricalBernstein",
    "EntropyEstimator",
    "EntropyPosterior",
    "EqualWidth",
    "FreedmanDiaconis",
    "Gaussian",
    "GaussianCopula",
    "Grassberger",
    "HeldOutCLT",
    "InfoNCE",
    "InterpolatedBound",
    "Jackknife",
    "JamesStein",
    "JensenShannon",
    "Joint",
    "KernelProjection",
    "KozachenkoLeonenko",
    "LeaveOneOut",
    "LedoitWolf",
    "LinearProjection",
    "LocalNonuniformity",
    "LocalPermutation",
    "LocalVariance",
    "Logistic",
    "MIEstimator",
    "Margins",
    "MillerMadow",
    "NearestNeighbors",
    "NetworkTraining",
    "NeuralNetwork",
    "NoShrinkage",
    "NormalScores",
    "Partition",
    "PlugIn",
    "PrincipalComponents",
    "Probe",
    "Projection",
    "Quantile",
    "Ross",
    "SampleSizeCurve",
    "SchaferStrimmer",
    "Separable",
    "Shrinkage",
    "SplitHalf",
    "Standardized",
    "StudentCopula",
    "TermsInterval",
    "UniformRanks",
    "compare_estimators",
    "conditional_mutual_information",
    "mutual_information",
    "pointwise_mutual_information",
    "sample_size_curve",
    "self_consistency",
]
