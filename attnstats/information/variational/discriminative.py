"""Bounds from a critic that tells pairs drawn together from pairs drawn apart."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attnstats._validation import check_fraction, check_positive
from attnstats.information.interface import LocalTerms
from attnstats.information.variational import _bounds as bounds
from attnstats.information.variational._crossfit import (
    CrossFitted,
    Folds,
    dealt_blocks,
    held_out_scores,
    in_row_order,
)
from attnstats.information.variational.critics import Architecture, Separable
from attnstats.information.variational.training import compiled_network, fit

if TYPE_CHECKING:
    from attnstats.information.variational._networks import Network

__all__ = ["NWJ", "SMILE", "DonskerVaradhan", "InfoNCE", "InterpolatedBound", "JensenShannon"]


@dataclass(frozen=True, kw_only=True)
class CriticBound(CrossFitted):
    """A bound that is a function of the critic's scores: one to train, one to read out."""

    critic: Architecture = Separable()  # noqa: RUF009 (frozen)

    @abstractmethod
    def _bound(self, scores: Any) -> Any:
        """Return the local terms that training maximizes, of scores that estimate log ratios."""

    def _read(self, scores: Any) -> Any:
        """Return the local terms of the estimate."""
        return self._bound(scores)

    def _stop(self, scores: Any) -> Any:
        """Return the local terms whose mean over validation rows stops training."""
        return self._bound(scores)

    def value(self, network: "Network", x: Any, y: Any) -> Any:
        """Return the local terms by which epochs are compared, (n_folds, n)."""
        return self._stop(network(x, y))

    def surrogate(self, network: "Network", x: Any, y: Any, log_average: Any) -> tuple[Any, Any]:
        """Return the mean (n_folds,) of what training maximizes: its gradient needs no correction."""
        from keras import ops

        return ops.mean(self._bound(network(x, y)), axis=-1), log_average

    def _local_terms(self, folds: Folds, rng: np.random.Generator) -> LocalTerms:
        compiled = compiled_network(self.critic, self, self.n_folds, folds.x.shape[2], folds.y.shape[2])
        with compiled.lock:
            fitted = fit(compiled, self.training, folds.x, folds.y, folds.rows, rng)
            blocks = dealt_blocks(folds, rng)
            scores = held_out_scores(compiled, folds, blocks)
        terms = [[self._read(each) for each in fold] for fold in scores]
        return LocalTerms(in_row_order(blocks, terms), fitted.notes("critic"), folds.held_out())


@dataclass(frozen=True)
class DonskerVaradhan(CriticBound):
    """Donsker–Varadhan with a trained critic: MINE, with the bias of its gradient corrected and rows held out.

    The local terms are f(x_j, y_j) - log E_off[exp f], the mean over the independent pairs of the row's test block: see
    `bounds.donsker_varadhan`. The population's value is a lower bound. The logarithm of a mean lifts a sample's above
    it, by about the variance of exp f over twice the number of rows: little at a few hundred test rows while I(X; Y) is
    below about 2 nats, and without limit above. `InfoNCE`, `NWJ` and `InterpolatedBound` are bounds at every n.

    A mini-batch's gradient of log E_off[exp f] is biased too, by the batch's own mean in its denominator, and MINE
    replaces that by a moving average over steps.

    Parameters
    ----------
    rate : float, default 0.1
        Weight of the newest batch in the moving average, in (0, 1).
    critic : Separable, Bilinear or Joint
        The critic f.
    margins : Standardized or NormalScores, default NormalScores()
        How continuous columns are scaled; fitted outside the fold. Labels become one-hot rows.
    training : NetworkTraining
        Epochs, patience, batches and step.
    n_folds : int, default 5
        Folds; every group is held out once.

    Notes
    -----
    Critics start at zero, which is the value of independent variables, and an epoch is kept only if validation gains by
    it. So an estimate of independent data is about zero, and exactly zero where no fold learned anything: the notes say
    so. No lower bound from n samples, whatever the distribution, exceeds about log n (McAllester and Stratos 2020).

    Pairs of rows of one group count as independent draws. If they depend on each other, E_off is too large and the
    estimate too low.

    References
    ----------
    Belghazi et al. (2018), MINE: mutual information neural estimation, ICML, section 3.2 and algorithm 1.

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=400)
    >>> y = x + generator.normal(size=400)  # truth: 0.35 nats
    >>> bool(0.2 < DonskerVaradhan().estimate(x, y, rng=0) < 0.5)
    True
    """

    rate: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_fraction(self.rate, "rate")

    def _bound(self, scores: Any) -> Any:
        return bounds.donsker_varadhan(scores)

    def surrogate(self, network: "Network", x: Any, y: Any, log_average: Any) -> tuple[Any, Any]:
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
    """Nguyen–Wainwright–Jordan (f-GAN) with a trained critic: 1 + E[f] - E_off[exp f], a lower bound at every n.

    Its variance grows like exp(I), so above about 2 nats a sample says little and training may diverge.

    Parameters
    ----------
    critic, margins, training, n_folds
        As in `DonskerVaradhan`, whose notes hold here too.

    References
    ----------
    Nguyen, Wainwright, Jordan (2010), IEEE Trans. Inf. Theory 56, 5847-5861. Poole et al. (2019), eq. 5.

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=400)
    >>> y = x + generator.normal(size=400)  # truth: 0.35 nats
    >>> bool(0.2 < NWJ().estimate(x, y, rng=0) < 0.5)
    True
    """

    def _bound(self, scores: Any) -> Any:
        return bounds.nwj(scores + 1)  # so that the critic is the log ratio itself


@dataclass(frozen=True)
class JensenShannon(CriticBound):
    """A critic trained by the Jensen–Shannon bound, read out as `NWJ` does: a lower bound, steadier to train.

    The best epoch is the one whose read-out is best at validation.

    Parameters
    ----------
    critic, margins, training, n_folds
        As in `DonskerVaradhan`, whose notes hold here too.

    References
    ----------
    Hjelm et al. (2019), Learning deep representations by mutual information estimation and maximization, ICLR, eq. 4.
    Poole et al. (2019), On variational bounds of mutual information, ICML, section 2.4 (the read-out).

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=400)
    >>> y = x + generator.normal(size=400)  # truth: 0.35 nats
    >>> bool(0.2 < JensenShannon().estimate(x, y, rng=0) < 0.5)
    True
    """

    def _bound(self, scores: Any) -> Any:
        return bounds.jensen_shannon(scores)

    def _stop(self, scores: Any) -> Any:
        return bounds.nwj(scores + 1)

    def _read(self, scores: Any) -> Any:
        return bounds.nwj(scores + 1)


@dataclass(frozen=True)
class SMILE(JensenShannon):
    """A critic trained as `JensenShannon`'s, read out by Donsker–Varadhan with a clipped partition: no bound.

    Clipping trades variance for bias, which pays where the information is large.

    Parameters
    ----------
    clip : float, default 5.0
        The tau of the paper, above 0: scores are clipped to [-clip, clip] in the partition term.
    critic, margins, training, n_folds
        As in `DonskerVaradhan`, whose notes hold here too.

    References
    ----------
    Song and Ermon (2020), Understanding the limitations of variational mutual information estimators, ICLR, eq. 10.

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=400)
    >>> y = x + generator.normal(size=400)  # truth: 0.35 nats
    >>> bool(0.2 < SMILE(clip=3.0).estimate(x, y, rng=0) < 0.5)
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
    """InfoNCE with a trained critic: how well x_i picks its y_i among those of its block. A lower bound at every n.

    The steadiest of the bounds, and confined to log n of a block: of the test rows of a fold, 512 at most.

    Parameters
    ----------
    critic, margins, training, n_folds
        As in `DonskerVaradhan`, whose notes hold here too.

    References
    ----------
    van den Oord, Li, Vinyals (2018), Representation learning with contrastive predictive coding, arXiv 1807.03748.

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=400)
    >>> y = x + generator.normal(size=400)  # truth: 0.35 nats
    >>> bool(0.2 < InfoNCE().estimate(x, y, rng=0) < 0.5)
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
        Weight of the sample's own normaliser, in (0, 1). The value is confined to about log(n / alpha).
    critic, margins, training, n_folds
        As in `DonskerVaradhan`, whose notes hold here too.

    References
    ----------
    Poole, Ozair, van den Oord, Alemi, Tucker (2019), On variational bounds of mutual information, ICML, eq. 11 and 12.

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> x = generator.normal(size=400)
    >>> y = x + generator.normal(size=400)  # truth: 0.35 nats
    >>> bool(0.2 < InterpolatedBound(alpha=0.2).estimate(x, y, rng=0) < 0.5)
    True
    """

    alpha: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        check_fraction(self.alpha, "alpha")

    def _bound(self, scores: Any) -> Any:
        return bounds.interpolated(scores, self.alpha)
