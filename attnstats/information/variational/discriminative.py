"""Bounds from a critic that distinguishes pairs drawn together from independent pairs."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attnstats._validation import check_fraction, check_positive
from attnstats.information.interface import LocalTerms
from attnstats.information.variational import _bounds as bounds
from attnstats.information.variational._crossfit import CrossFitted, dealt_blocks, held_out_scores, in_row_order
from attnstats.information.variational.critics import Architecture, Separable
from attnstats.information.variational.training import Folds, Objective, compiled_network, fit

if TYPE_CHECKING:
    from attnstats.information.variational._networks import Network


@dataclass(frozen=True, kw_only=True)
class CriticBound(CrossFitted, Objective):
    """A bound that is a function of the critic's scores."""

    critic: Architecture = Separable()  # noqa: RUF009 (frozen)

    @abstractmethod
    def _bound(self, scores: Any) -> Any:
        """Return the local terms that compare epochs, of scores that estimate log ratios."""

    def _read(self, scores: Any) -> Any:
        """Return the local terms of the estimate."""
        return self._bound(scores)

    def value(self, network: Network, x: Any, y: Any) -> Any:
        """Return the local terms of the bound."""
        return self._bound(network(x, y))

    def _local_terms(self, folds: Folds, rng: np.random.Generator) -> LocalTerms:
        compiled = compiled_network(self.critic, self, self.n_folds, folds.x.shape[2], folds.y.shape[2])
        with compiled.lock:
            fitted = fit(compiled, self.training, folds, rng)
            blocks = dealt_blocks(folds, rng)
            scores = held_out_scores(compiled, folds, blocks)
        terms = [[self._read(each) for each in fold] for fold in scores]
        return LocalTerms(in_row_order(blocks, terms), fitted.notes("critic"), folds.held_out())


@dataclass(frozen=True)
class DonskerVaradhan(CriticBound):
    """The Donsker–Varadhan bound with a trained critic f (MINE): E[f] - log E_off[exp f] on held-out rows.

    E_off is the mean over independent pairs of a block of held-out rows. In the population this is a lower bound. In a
    sample it is biased upwards, by about Var(exp f) / (2 n E[exp f]²): little at a few hundred rows while I(X; Y) is
    below about 2 nats, and without limit above. `InfoNCE`, `NWJ` and `InterpolatedBound` are lower bounds at every n.

    Parameters
    ----------
    rate : float, default 0.1
        Weight of the newest batch in the moving average of E_off[exp f] that corrects the gradient, in (0, 1).
    critic : Separable, Bilinear or Joint, default Separable()
        The critic f.
    margins : NormalScores, UniformRanks, Standardized or AsMeasured, default NormalScores()
        How continuous columns are scaled, fitted outside the fold. A class becomes one-hot columns.
    training : NetworkTraining
        Epochs, patience, batch size and learning rate.
    n_folds : int, default 5
        Folds; each group is held out once. A fifth of the groups outside a fold stop the training of its network.

    Raises
    ------
    ConstantInputError
        If x or y does not vary.
    TooFewSamplesError
        If there are fewer than ``3 n_folds`` groups (or rows), or fewer than 12.
    ConvergenceError
        If training becomes infinite.
    MissingExtraError
        If Keras or TensorFlow is not installed.

    Notes
    -----
    Where no fold learns anything the estimate is exactly zero, and the notes of the result say so. No lower bound from
    n samples exceeds about log n for every distribution (McAllester and Stratos 2020). Pairs of rows of one group count
    as independent; if they depend on each other, the estimate is too low.

    References
    ----------
    Belghazi et al. (2018), MINE: mutual information neural estimation, ICML, section 3.2 and algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import DonskerVaradhan
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 400))
    >>> bool(0.2 < DonskerVaradhan().estimate(x, x + noise, rng=0) < 0.5)  # truth: 0.35 nats
    True
    """

    rate: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_fraction(self.rate, "rate")

    def _bound(self, scores: Any) -> Any:
        return bounds.donsker_varadhan(scores)

    def surrogate(self, network: Network, x: Any, y: Any, log_average: Any) -> tuple[Any, Any]:
        """Return a value whose gradient divides by the moving average of E_off[exp f], and the log of that average."""
        from keras import ops

        scores = network(x, y)
        log_mean = bounds.log_mean_exp(scores)
        newest = ops.stop_gradient(log_mean) + float(np.log(self.rate))
        average = ops.logaddexp(log_average + float(np.log1p(-self.rate)), newest)
        together = ops.mean(ops.diagonal(scores, axis1=-2, axis2=-1), axis=-1)
        return together - ops.exp(log_mean - average), average


@dataclass(frozen=True)
class NWJ(CriticBound):
    """The Nguyen–Wainwright–Jordan bound 1 + E[f] - E_off[exp f] with a trained critic: a lower bound at every n.

    Its variance grows as exp(I): above about 2 nats it is of little use, and training may diverge.

    Parameters
    ----------
    critic, margins, training, n_folds
        As in `DonskerVaradhan`, whose notes hold here too.

    References
    ----------
    Nguyen, Wainwright, Jordan (2010), IEEE Trans. Inf. Theory 56, 5847-5861. Poole et al. (2019), eq. 5.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import NWJ
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 400))
    >>> bool(0.2 < NWJ().estimate(x, x + noise, rng=0) < 0.5)  # truth: 0.35 nats
    True
    """

    def _bound(self, scores: Any) -> Any:
        return bounds.nwj(scores + 1)  # so that the critic is the log ratio itself


@dataclass(frozen=True)
class JensenShannon(NWJ):
    """The bound of `NWJ` with a critic trained by the Jensen–Shannon objective: a lower bound at every n.

    The objective has less variance in training.

    Parameters
    ----------
    critic, margins, training, n_folds
        As in `DonskerVaradhan`, whose notes hold here too.

    References
    ----------
    Hjelm et al. (2019), Learning deep representations by mutual information estimation and maximization, ICLR, eq. 4.
    Poole et al. (2019), On variational bounds of mutual information, ICML, section 2.4 (the evaluation).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import JensenShannon
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 400))
    >>> bool(0.2 < JensenShannon().estimate(x, x + noise, rng=0) < 0.5)  # truth: 0.35 nats
    True
    """

    def surrogate(self, network: Network, x: Any, y: Any, log_average: Any) -> tuple[Any, Any]:
        """Return the mean of the Jensen–Shannon objective, and the moving average unchanged."""
        from keras import ops

        return ops.mean(bounds.jensen_shannon(network(x, y)), axis=-1), log_average


@dataclass(frozen=True)
class SMILE(JensenShannon):
    """The Donsker–Varadhan estimate with clipped scores and the critic of `JensenShannon`: not a bound.

    Clipping exchanges variance for bias, which helps where the information is large.

    Parameters
    ----------
    clip : float, default 5.0
        The tau of the paper, above 0: scores of independent pairs are clipped to [-clip, clip].
    critic, margins, training, n_folds
        As in `DonskerVaradhan`, whose notes hold here too.

    References
    ----------
    Song and Ermon (2020), Understanding the limitations of variational mutual information estimators, ICLR, eq. 10.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import SMILE
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 400))
    >>> bool(0.2 < SMILE(clip=3.0).estimate(x, x + noise, rng=0) < 0.5)  # truth: 0.35 nats
    True
    """

    clip: float = 5.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self.clip, "clip")

    def _read(self, scores: Any) -> Any:
        return bounds.smile(scores, self.clip)


@dataclass(frozen=True)
class InfoNCE(CriticBound):
    """The InfoNCE bound with a trained critic: how well x_i identifies its y_i in a block. A lower bound at every n.

    It has little variance, and is at most log n for a block of n rows: the rows of a fold, up to 512.

    Parameters
    ----------
    critic, margins, training, n_folds
        As in `DonskerVaradhan`, whose notes hold here too.

    References
    ----------
    van den Oord, Li, Vinyals (2018), Representation learning with contrastive predictive coding, arXiv 1807.03748,
    eq. 4.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import InfoNCE
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 400))
    >>> bool(0.2 < InfoNCE().estimate(x, x + noise, rng=0) < 0.5)  # truth: 0.35 nats
    True
    """

    def _bound(self, scores: Any) -> Any:
        return bounds.info_nce(scores)


@dataclass(frozen=True)
class InterpolatedBound(CriticBound):
    """I_alpha with a trained critic, between `NWJ` (alpha near 0) and `InfoNCE` (near 1). A lower bound at every n.

    Parameters
    ----------
    alpha : float, default 0.5
        Position between the two, in (0, 1). The value is at most about log(n / alpha).
    critic, margins, training, n_folds
        As in `DonskerVaradhan`, whose notes hold here too.

    References
    ----------
    Poole, Ozair, van den Oord, Alemi, Tucker (2019), On variational bounds of mutual information, ICML, eq. 11 and 12.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.information import InterpolatedBound
    >>> x, noise = np.random.default_rng(0).normal(size=(2, 400))
    >>> bool(0.2 < InterpolatedBound(alpha=0.2).estimate(x, x + noise, rng=0) < 0.5)  # truth: 0.35 nats
    True
    """

    alpha: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        check_fraction(self.alpha, "alpha")

    def _bound(self, scores: Any) -> Any:
        return bounds.interpolated(scores, self.alpha)
