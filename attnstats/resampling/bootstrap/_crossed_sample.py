"""Data sets of seeds by examples, both drawn, independently of each other."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from attnstats._validation import FloatArray
from attnstats.exceptions import InvalidInputError
from attnstats.resampling._scale import Scale
from attnstats.resampling.bootstrap._draws import Units, draw, tally
from attnstats.resampling.bootstrap._samples import one_by_one_twice
from attnstats.resampling.statistic import Statistic, apply, evaluate, means_function


class CrossedSample:
    """Data sets of shape (..., n_seeds, n_examples), in which seeds and examples are drawn independently.

    Parameters
    ----------
    blocks : list of ndarray, shape (..., n_seeds, n_examples)
        Data sets; NaN where an example is undefined for a seed.
    paired_seeds : bool
        Whether one draw of seeds serves all strata of a block.
    as_tuple : bool
        Whether callables get a tuple of arrays.
    """

    def __init__(self, blocks: list[FloatArray], *, paired_seeds: bool, as_tuple: bool) -> None:
        self.blocks = blocks
        self.n_missing = 0
        self.paired_seeds = paired_seeds
        self.as_tuple = as_tuple
        self.factors = {
            "seeds": min(block.shape[-2] for block in blocks),
            "examples": min(block.shape[-1] for block in blocks),
        }
        # Seeds are drawn for every stratum; with very many strata they, too, bound a batch, to 32 MB.
        n_means = sum(block[..., 0].size for block in blocks)
        self.n_draws = max(sum(self.factors.values()), -(-n_means // 32))

    @property
    def data(self) -> Any:
        """What a callable statistic is given."""
        return tuple(self.blocks) if self.as_tuple else self.blocks[0]

    def rescaled(self) -> tuple["CrossedSample", Scale]:
        """Return the same units with values near 1, and what takes a mean of those back."""
        scale = Scale.of(*self.blocks)
        blocks = [scale.down(block) for block in self.blocks]
        return CrossedSample(blocks, paired_seeds=self.paired_seeds, as_tuple=self.as_tuple), scale

    def observed(self, statistic: Statistic) -> float:
        """Return the statistic of the data."""
        if (function := means_function(statistic)) is None:
            copies = tuple(block.copy() for block in self.blocks)  # a statistic may sort in place
            return evaluate(statistic, copies if self.as_tuple else copies[0])
        means = [np.nanmean(block, axis=-1).mean(axis=-1).ravel() for block in self.blocks]
        return float(apply(function, np.concatenate(means)[np.newaxis])[0])

    def resampled(self, statistic: Statistic, n_resamples: int, generator: np.random.Generator) -> FloatArray:
        """Return the statistic of random resamples, shape (n_resamples,)."""
        draws = [self._draw(block, n_resamples, generator) for block in self.blocks]
        if (function := means_function(statistic)) is None:
            return np.array(
                [
                    evaluate(statistic, tuple(blocks) if self.as_tuple else blocks[0])
                    for blocks in self._arrays(draws, n_resamples)
                ]
            )
        means = [
            _crossed_means(block, seeds, examples) for block, (seeds, examples) in zip(self.blocks, draws, strict=True)
        ]
        return apply(function, np.concatenate(means, axis=1))

    def resample(self, generator: np.random.Generator) -> "CrossedSample":
        """Return one random resample, with units of its own to be resampled in turn."""
        blocks = next(self._arrays([self._draw(block, 1, generator) for block in self.blocks], 1))
        return CrossedSample(blocks, paired_seeds=self.paired_seeds, as_tuple=self.as_tuple)

    def check_jackknife(self) -> None:
        """Refuse: with two crossed factors there is no one unit to leave out."""
        raise InvalidInputError(
            "method: must be Percentile(), Basic() or DoubleBootstrap() for a Crossed design, whose two factors have "
            "no common unit to leave out; got one that needs a jackknife"
        )

    def influence(self, statistic: Statistic) -> FloatArray:  # noqa: ARG002
        """Refuse."""
        self.check_jackknife()
        raise AssertionError

    def standard_error(self, statistic: Statistic) -> float:
        """Refuse."""
        return float(self.influence(statistic).sum())

    def moments(self) -> tuple[float, float, float]:
        """Refuse."""
        return (self.standard_error(np.mean),) * 3

    def resampled_with_errors(
        self,
        statistic: Statistic,
        n_resamples: int,  # noqa: ARG002
        generator: np.random.Generator,  # noqa: ARG002
    ) -> FloatArray:
        """Refuse."""
        return self.influence(statistic)

    def resampled_twice(
        self, statistic: Statistic, n_resamples: int, n_inner: int, generator: np.random.Generator
    ) -> FloatArray:
        """Return the statistic of random resamples beside the share of resamples of each below that of the data."""
        return one_by_one_twice(self, statistic, n_resamples, n_inner, generator)

    def _draw(self, block: FloatArray, n_resamples: int, generator: np.random.Generator) -> tuple[Units, Units]:
        """Return seeds, shape (n_resamples, n_strata, n_seeds), and examples, shape (n_resamples, n_examples)."""
        n_strata, n_seeds, n_examples = _flat(block).shape
        n_draws = 1 if self.paired_seeds else n_strata
        seeds = draw(n_seeds, n_resamples * n_draws, generator).reshape(n_resamples, n_draws, n_seeds)
        return np.broadcast_to(seeds, (n_resamples, n_strata, n_seeds)), draw(n_examples, n_resamples, generator)

    def _arrays(self, draws: list[tuple[Units, Units]], n_resamples: int) -> Iterator[list[FloatArray]]:
        for resample in range(n_resamples):
            yield [
                _flat(block)[
                    np.arange(seeds.shape[1])[:, np.newaxis, np.newaxis],
                    seeds[resample][:, :, np.newaxis],
                    examples[resample],
                ].reshape(block.shape)
                for block, (seeds, examples) in zip(self.blocks, draws, strict=True)
            ]


def _crossed_means(block: FloatArray, seeds: Units, examples: Units) -> FloatArray:
    """Return the mean of every stratum in every resample, shape (n_resamples, n_strata)."""
    n_strata, n_seeds, n_examples = _flat(block).shape
    rows = block.reshape(n_strata * n_seeds, n_examples)
    defined = ~np.isnan(rows)
    weights = tally(examples, n_examples)
    with np.errstate(invalid="ignore"):  # a seed left without a defined example gives NaN, refused by the caller
        if defined.all():
            row_means = weights @ rows.T / n_examples
        else:
            row_means = (weights @ np.where(defined, rows, 0.0).T) / (weights @ defined.T.astype(np.float64))
    by_stratum = row_means.reshape(-1, n_strata, n_seeds)
    return np.asarray(np.take_along_axis(by_stratum, seeds.astype(np.int64), axis=2).mean(axis=2))


def _flat(block: FloatArray) -> FloatArray:
    return block.reshape(-1, *block.shape[-2:])
