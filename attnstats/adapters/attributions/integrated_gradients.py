"""Integrated gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from attnstats._path_integral import path_integral
from attnstats._validation import FloatArray, IntArray, check_count, check_object
from attnstats.adapters.attributions._attributed import AttributedTexts
from attnstats.adapters.attributions._batch import EmbeddingAttribution, UnitScores
from attnstats.adapters.erasure.stand_ins import StandIn, ZeroEmbedding

if TYPE_CHECKING:
    import torch


class _Precision(NamedTuple):
    """How closely the change in output is met.

    A warning is given if scores miss it by `gap`. An interval is halved while it misses by `of_interval`, at most
    `halvings` times.
    """

    gap: float
    of_interval: float
    halvings: int


_SINGLE = _Precision(0.01, 0.001, 12)
#: Outputs in half precision are no closer to each other.
_HALF = _Precision(0.03, 0.03, 6)


@dataclass(frozen=True)
class IntegratedGradients(EmbeddingAttribution):
    """Integrated gradients (x_t − b_t) · mean over s in [0, 1] of ∂y(b + s (x − b))/∂x_t, from a baseline to the text.

    Special tokens of the text are in the baseline too, so that the scores of its words sum to y(x) − y(b). Each
    interval of the path in which Gauss–Legendre quadrature misses the change in output is halved, up to twelve times.

    Parameters
    ----------
    steps : int
        Nodes of the quadrature in each interval.
    baseline : ZeroEmbedding, PadToken or MaskToken
        What stands in the place of every token at the start of the path; scores depend on it.

    Warns
    -----
    UnreliableEstimateWarning
        Once a call, if the scores of a text miss the change in output by more than 0.01, or 0.03 in half precision: in
        how many texts, and by how much at most. Models that add no positions to embeddings, such as Llama, divide a
        text near zero by almost nothing, and change their output at the very start of the path: take a token's
        embedding as the baseline there, with `PadToken` or `MaskToken`.

    References
    ----------
    Sundararajan, Taly & Yan 2017, *Axiomatic Attribution for Deep Networks*, equation 1.

    Examples
    --------
    >>> from attnstats.adapters import IntegratedGradients, MaskToken
    >>> IntegratedGradients(baseline=MaskToken())
    IntegratedGradients(steps=8, baseline=MaskToken())
    """

    steps: int = 8
    baseline: StandIn = ZeroEmbedding()  # noqa: RUF009 (frozen)

    def __post_init__(self) -> None:
        check_count(self.steps, "steps")
        check_object(self.baseline, "baseline", StandIn, "ZeroEmbedding() or PadToken()")

    def of_batch(self, batch: AttributedTexts) -> UnitScores:
        """Return the scores of the units of some texts."""
        path = _Path(batch, self.baseline)
        rows, precision = np.arange(batch.n_texts), path.precision
        start, end = (path.at(rows, np.full(len(rows), place))[0] for place in (0.0, 1.0))
        scores = path_integral(
            path.at, start, end, steps=self.steps, tolerance=precision.of_interval, halvings=precision.halvings
        )
        return UnitScores(scores, start, precision.gap)


class _Path:
    """The straight path from a baseline to each text of a batch."""

    def __init__(self, batch: AttributedTexts, baseline: StandIn) -> None:
        import torch

        self._batch = batch
        replaced = torch.as_tensor(~batch.kept, device=batch.embedded.device)[..., None]
        self._way: torch.Tensor = (batch.embedded - batch.vector(baseline)) * replaced
        self.precision = _HALF if self._way.dtype in (torch.float16, torch.bfloat16) else _SINGLE

    def at(self, rows: IntArray, places: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the output at one place of each row's path, and its derivative along the path, unit by unit."""
        import torch

        outputs, slopes = np.empty(len(rows)), np.empty((len(rows), self._batch.n_units))
        for first in range(0, len(rows), self._batch.most):
            some = slice(first, first + self._batch.most)
            chosen = torch.as_tensor(rows[some], device=self._way.device)
            left = torch.as_tensor(1 - places[some], device=self._way.device).to(self._way.dtype)[:, None, None]
            way = self._way[chosen]
            value, gradient = self._batch.slopes(rows[some], self._batch.embedded[chosen] - left * way)
            outputs[some] = value.cpu().numpy()
            slopes[some] = self._batch.by_unit((way.double() * gradient.double()).sum(dim=-1), rows[some])
        return outputs, slopes
