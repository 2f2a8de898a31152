"""Estimates from a conditional density of y given x, fitted by maximum likelihood."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import FloatArray, IntArray
from attnstats.exceptions import InvalidInputError
from attnstats.information.interface import LocalTerms
from attnstats.information.parametric._tied_columns import LARGEST_SHARE, tie_share
from attnstats.information.variational import _bounds as bounds
from attnstats.information.variational._crossfit import CrossFitted, dealt_blocks, held_out_scores, in_row_order
from attnstats.information.variational.critics import Architecture, ConditionalClasses, ConditionalMixture
from attnstats.information.variational.training import Folds, Objective, compiled_network, fit

if TYPE_CHECKING:
    from attnstats.information.variational._networks import Network


@dataclass(frozen=True)
class LogLikelihood(Objective):
    """The objective of a density: the mean of log q(y_i | x_i)."""

    def value(self, network: Network, x: Any, y: Any) -> Any:
        """Return log q(y_i | x_i)."""
        return network.paired(x, y)


@dataclass(frozen=True, kw_only=True)
class DensityEstimate(CrossFitted):
    """An estimate from log ratios log q(y_j | x_i) - log q(y_j) of all pairs; q(y) of classes is their frequency."""

    density: ConditionalMixture = ConditionalMixture()  # noqa: RUF009 (frozen)

    @abstractmethod
    def _read(self, scores: FloatArray) -> FloatArray:
        """Return the local terms of a block of pairs."""

    def _read_classes(self, scores: FloatArray) -> FloatArray:
        """Return the local terms of a block where y is a class."""
        return self._read(scores)

    def _local_terms(self, folds: Folds, rng: np.random.Generator) -> LocalTerms:
        blocks = dealt_blocks(folds, rng)
        if folds.labels is not None:
            classes = ConditionalClasses(self.density.hidden)
            conditional = self._fit("conditional density", classes, folds, blocks, rng, _log_frequencies(folds))
            log_p = np.log(np.bincount(folds.labels) / len(folds.labels))[folds.labels]
            of_y, notes = [[log_p[rows] for rows in fold] for fold in blocks], conditional.notes
        else:
            _check_has_density(type(self).__name__, folds.y[0])
            # The marginal density is of the same family, with x constant; the conditional one is initialised with it.
            blind = folds._replace(x=np.zeros_like(folds.x[:, :, :1]))
            marginal = self._fit("marginal density", replace(self.density, hidden=()), blind, blocks, rng)
            conditional = self._fit("conditional density", self.density, folds, blocks, rng, marginal.base)
            of_y, notes = marginal.scores, marginal.notes + conditional.notes
        read = self._read if folds.labels is None else self._read_classes
        pairs = [zip(*each, strict=True) for each in zip(conditional.scores, of_y, strict=True)]
        terms = [[read(log_q - log_marginal) for log_q, log_marginal in fold] for fold in pairs]
        return LocalTerms(in_row_order(blocks, terms), notes, folds.held_out())

    def _fit(
        self,
        name: str,
        architecture: Architecture,
        folds: Folds,
        blocks: list[list[IntArray]],
        rng: np.random.Generator,
        base: Sequence[NDArray[Any]] = (),
    ) -> _Fitted:
        compiled = compiled_network(architecture, LogLikelihood(), self.n_folds, folds.x.shape[2], folds.y.shape[2])
        with compiled.lock:
            fitted = fit(compiled, self.training, folds, rng, base=base)
            scores = held_out_scores(compiled, folds, blocks)
            return _Fitted(scores, fitted.notes(name), [variable.numpy() for variable in compiled.network.base])


class _Fitted(NamedTuple):
    scores: list[list[FloatArray]]  # log q(y_j | x_i), a matrix for each block of each fold
    notes: tuple[str, ...]
    base: list[NDArray[np.float32]]  # the weights that do not depend on x


def _check_has_density(name: str, y: FloatArray) -> None:
    """Raise if a column of y has many ties: a density can grow without limit at each, and so can the estimate."""
    share = max(tie_share(column) for column in y.T)
    if share > LARGEST_SHARE:
        raise InvalidInputError(
            f"y: must be measurements for {name}, which fits a density: a column may lose at most {LARGEST_SHARE:g} of"
            f" the variance of its ranks to equal values, as with 32 levels; got {share:.2g}. Pass y as classes to"
            " BarberAgakov or CLUB, or use DonskerVaradhan, InfoNCE or Binned"
        )


def _log_frequencies(folds: Folds) -> list[FloatArray]:
    """Return the log class frequencies of the training rows, half a count added, (n_folds, 1, n_classes)."""
    counts = np.stack([y[rows.training].sum(axis=0) for y, rows in zip(folds.y, folds.rows, strict=True)]) + 0.5
    return [np.log(counts / counts.sum(axis=1, keepdims=True))[:, np.newaxis]]


@dataclass(frozen=True)
class BarberAgakov(DensityEstimate):
    """Lower bound of I(X; Y) from a held-out conditional density q(y | x).

    For a class y it is I(X; Y) >= H(Y) - E[-log q(Y | X)], with q a softmax and H(Y) the entropy of the class
    frequencies. For a continuous y it is I(X; Y) >= E[f] + 1 - E_off[exp f] with f = log q(y | x) - log q(y), where
    q(y) is of the same family. Both hold for every q: an error makes the bound looser, not invalid.

    Parameters
    ----------
    density : ConditionalMixture
        The family of q; for a class y, a softmax over the same hidden layers.
    margins, training, n_folds
        As in `DonskerVaradhan`.

    Raises
    ------
    InvalidInputError
        If y is continuous and a column has many ties (more than 0.001 of its rank variance): it has no density.
    ConstantInputError, TooFewSamplesError, ConvergenceError, MissingExtraError
        As `DonskerVaradhan`.

    References
    ----------
    Barber and Agakov (2003), The IM algorithm, NeurIPS. Poole et al. (2019), On variational bounds of mutual
    information, eq. 2 and 4.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import BarberAgakov
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 400))
    >>> bool(0.2 < BarberAgakov().estimate(x, x + noise, rng=0) < 0.5)  # truth: 0.35 nats
    True
    """

    def _read(self, scores: FloatArray) -> FloatArray:
        terms: FloatArray = bounds.nwj(scores + 1)
        return terms

    def _read_classes(self, scores: FloatArray) -> FloatArray:
        return np.diagonal(scores)


@dataclass(frozen=True)
class CLUB(DensityEstimate):
    """Contrastive log-ratio upper bound E[log q(y | x)] - E_off[log q(y | x)] with a held-out density q.

    At least I(X; Y) if q is the true conditional density, and often far above it: for a Gaussian with correlation r it
    is r² / (1 - r²), against -log(1 - r²) / 2. With a fitted q it may fall below I(X; Y). Raises as
    `BarberAgakov` does.

    Parameters
    ----------
    density : ConditionalMixture
        The family of q; for a class y, a softmax over the same hidden layers.
    margins, training, n_folds
        As in `DonskerVaradhan`.

    References
    ----------
    Cheng et al. (2020), CLUB: a contrastive log-ratio upper bound of mutual information, ICML, eq. 7 and 13.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import CLUB
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 400))
    >>> bool(0.5 < CLUB().estimate(x, x + noise, rng=0) < 1.5)  # truth: 0.35 nats; the population's bound: 1
    True
    """

    def _read(self, scores: FloatArray) -> FloatArray:
        terms: FloatArray = bounds.club(scores)  # log q(y) cancels in their mean
        return terms


@dataclass(frozen=True)
class DifferenceOfEntropies(DensityEstimate):
    """The difference of two held-out cross-entropies, of q(y) and of q(y | x): neither an upper nor a lower bound.

    The errors of the two densities, which are of one family, cancel in part. Unlike a lower bound that holds for every
    distribution, the value is not limited to about log n. Raises as `BarberAgakov` does.

    Parameters
    ----------
    density : ConditionalMixture
        The family of both densities.
    margins, training, n_folds
        As in `DonskerVaradhan`.

    References
    ----------
    McAllester and Stratos (2020), Formal limitations on the measurement of mutual information, AISTATS, section 5.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import DifferenceOfEntropies
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 400))
    >>> bool(0.2 < DifferenceOfEntropies().estimate(x, x + noise, rng=0) < 0.5)  # truth: 0.35 nats
    True
    """

    discrete_y: ClassVar[bool] = False

    def _read(self, scores: FloatArray) -> FloatArray:
        return np.diagonal(scores)
