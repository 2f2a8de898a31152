"""Tables of two crossed factors, both resampled, independently of each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np

from attnstats._validation import FloatArray
from attnstats.exceptions import InvalidInputError
from attnstats.resampling._scale import Scale
from attnstats.resampling.bootstrap._draws import Units, draw, tally
from attnstats.resampling.bootstrap._samples import Sample
from attnstats.resampling.statistic import Statistic, apply, evaluate, means_function


class CrossedSample(Sample):
    """Data sets of shape (..., n_replicates, n_items), in which replicates and items are drawn independently.

    NaN stands where an item is undefined for a replicate. With `paired_replicates` one draw of replicates serves all
    strata of a block; with `as_tuple` callables get a tuple of arrays. `units` are what a replicate and an item are.
    """

    def __init__(
        self, blocks: list[FloatArray], *, paired_replicates: bool, as_tuple: bool, units: tuple[str, str]
    ) -> None:
        self.blocks = blocks
        self.data = tuple(blocks) if as_tuple else blocks[0]
        self.paired_replicates = paired_replicates
        self.as_tuple = as_tuple
        self.units = units
        self.factors = {
            units[0]: min(block.shape[-2] for block in blocks),
            units[1]: min(block.shape[-1] for block in blocks),
        }
        # Replicates are drawn for every stratum; with very many strata they, too, bound a batch, to 32 MB.
        n_means = sum(block[..., 0].size for block in blocks)
        self.n_draws = max(sum(self.factors.values()), -(-n_means // 32))

    def rescaled(self) -> tuple[CrossedSample, Scale]:
        scale = Scale.of(*self.blocks)
        return self._with([scale.down(block) for block in self.blocks]), scale

    def observed(self, statistic: Statistic) -> float:
        if (function := means_function(statistic)) is None:
            copies = tuple(block.copy() for block in self.blocks)  # a statistic may sort in place
            return evaluate(statistic, copies if self.as_tuple else copies[0])
        means = [np.nanmean(block, axis=-1).mean(axis=-1).ravel() for block in self.blocks]
        return float(apply(function, np.concatenate(means)[np.newaxis])[0])

    def resampled(self, statistic: Statistic, n_resamples: int, generator: np.random.Generator) -> FloatArray:
        draws = [self._draw(block, n_resamples, generator) for block in self.blocks]
        if (function := means_function(statistic)) is None:
            drawn = self._arrays(draws, n_resamples)
            return np.array([evaluate(statistic, tuple(each) if self.as_tuple else each[0]) for each in drawn])
        means = [_crossed_means(block, *drawn) for block, drawn in zip(self.blocks, draws, strict=True)]
        return apply(function, np.concatenate(means, axis=1))

    def resample(self, generator: np.random.Generator) -> CrossedSample:
        return self._with(next(self._arrays([self._draw(block, 1, generator) for block in self.blocks], 1)))

    def check_jackknife(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: with two crossed factors there is no one unit to leave out."""
        raise InvalidInputError(
            "method: must be Percentile(), Basic() or DoubleBootstrap() for a Crossed design, whose two factors have "
            "no common unit to leave out; got one that needs a jackknife"
        )

    influence = standard_error = moments = resampled_with_errors = check_jackknife

    def _with(self, blocks: list[FloatArray]) -> CrossedSample:
        return CrossedSample(blocks, paired_replicates=self.paired_replicates, as_tuple=self.as_tuple, units=self.units)

    def _draw(self, block: FloatArray, n_resamples: int, generator: np.random.Generator) -> tuple[Units, Units]:
        """Return replicates, shape (n_resamples, n_strata, n_replicates), and items, shape (n_resamples, n_items)."""
        n_strata, n_replicates, n_items = _flat(block).shape
        n_draws = 1 if self.paired_replicates else n_strata
        replicates = draw(n_replicates, n_resamples * n_draws, generator).reshape(n_resamples, n_draws, n_replicates)
        return np.broadcast_to(replicates, (n_resamples, n_strata, n_replicates)), draw(n_items, n_resamples, generator)

    def _arrays(self, draws: list[tuple[Units, Units]], n_resamples: int) -> Iterator[list[FloatArray]]:
        for resample in range(n_resamples):
            yield [
                _flat(block)[
                    np.arange(replicates.shape[1])[:, np.newaxis, np.newaxis],
                    replicates[resample][:, :, np.newaxis],
                    items[resample],
                ].reshape(block.shape)
                for block, (replicates, items) in zip(self.blocks, draws, strict=True)
            ]


def _crossed_means(block: FloatArray, replicates: Units, items: Units) -> FloatArray:
    """Return the mean of every stratum in every resample, shape (n_resamples, n_strata)."""
    n_strata, n_replicates, n_items = _flat(block).shape
    rows = block.reshape(n_strata * n_replicates, n_items)
    defined = ~np.isnan(rows)
    weights = tally(items, n_items)
    with np.errstate(invalid="ignore"):  # a replicate left without a defined item gives NaN, refused by the caller
        if defined.all():
            row_means = weights @ rows.T / n_items
        else:
            row_means = (weights @ np.where(defined, rows, 0.0).T) / (weights @ defined.T.astype(np.float64))
    by_stratum = row_means.reshape(-1, n_strata, n_replicates)
    return np.asarray(np.take_along_axis(by_stratum, replicates.astype(np.int64), axis=2).mean(axis=2))


def _flat(block: FloatArray) -> FloatArray:
    return block.reshape(-1, *block.shape[-2:])
