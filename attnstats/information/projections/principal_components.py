"""Mutual information of the leading principal components of vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import FloatArray, RNGLike, as_generator, as_samples, check_at_least, check_count
from attnstats._variable import Variable
from attnstats.exceptions import ConstantInputError
from attnstats.information._class_rule import is_discrete
from attnstats.information.discrete.binned import Binned
from attnstats.information.interface import MIEstimator, check_estimator


@dataclass(frozen=True)
class PrincipalComponents(MIEstimator):
    """An estimator applied to the leading principal components of each continuous variable.

    The components, found without looking at the other variable, carry no more information than the vector, so this
    estimates a lower bound of the mutual information.

    Parameters
    ----------
    n_components : int, default 2
        Number of components of the standardised columns; fewer if there are fewer columns.
    estimator : MIEstimator, default Binned()
        Estimates the information of the components.

    Raises
    ------
    ConstantInputError, TooFewSamplesError
        If a continuous variable does not vary; if there are fewer than 2 samples. Also what `estimator` raises.

    References
    ----------
    Cover, Thomas (2006), Elements of information theory, section 2.8 (data processing).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import PrincipalComponents
    >>> generator = np.random.default_rng(0)
    >>> y = generator.integers(2, size=1000)
    >>> x = generator.normal(size=(1000, 64)) + y[:, np.newaxis]
    >>> round(PrincipalComponents().estimate(x, y), 2)  # truth: 0.69 nats
    0.61
    """

    n_components: int = 2
    estimator: MIEstimator = Binned()  # noqa: RUF009 (frozen)

    discrete_y: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_count(self.n_components, "n_components")
        check_estimator(self.estimator)

    def estimate(self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None) -> float:
        """Return the estimate in nats."""
        return self.estimator.estimate(*self._components(x, y), groups=groups, rng=as_generator(rng))

    def pointwise(
        self, x: ArrayLike, y: ArrayLike, *, groups: ArrayLike | None = None, rng: RNGLike = None
    ) -> FloatArray:
        """Return the local terms, shape (n,), in nats."""
        return self.estimator.pointwise(*self._components(x, y), groups=groups, rng=as_generator(rng))

    def _components(self, x: ArrayLike, y: ArrayLike) -> tuple[ArrayLike, ArrayLike]:
        return _leading(x, "x", self.n_components), y if is_discrete(y, "y") else _leading(y, "y", self.n_components)


def _leading(values: ArrayLike, name: str, n_components: int) -> Variable:
    """Return the leading components of the varying columns, standardised first, shape (n, at most n_components)."""
    samples = as_samples(values, name)
    check_at_least(len(samples), 2, f"number of samples of {name}")
    varying = samples[:, samples.min(axis=0) < samples.max(axis=0)]
    if not varying.shape[1]:
        raise ConstantInputError(f"{name}: must vary; got {len(samples)} equal rows")
    scaled = varying / np.abs(varying).max(axis=0)  # so that squares neither overflow nor vanish
    scaled = (scaled - scaled.mean(axis=0)) / scaled.std(axis=0)
    directions = np.linalg.svd(scaled, full_matrices=False)[2][:n_components]
    components = scaled @ directions.T
    dim = components.shape[1]
    return Variable.of(components, (False,) * dim, (None,) * dim)
