"""Resampling designs: independent rows, clusters, strata, nested groups, crossed factors, independent samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from attnstats._conversion import read
from attnstats._renamed import former_fields
from attnstats._validation import (
    FloatArray,
    IntArray,
    as_float_array,
    as_labels,
    check_at_least,
    check_finite,
    check_flag,
    check_member,
    check_same_length,
)
from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.missing import CompleteCases, complete_cases
from attnstats.resampling.bootstrap._crossed_sample import CrossedSample
from attnstats.resampling.bootstrap._independent_sample import SeveralSamples
from attnstats.resampling.bootstrap._nested_sample import NestedSample
from attnstats.resampling.bootstrap._samples import GroupedSample, Sample
from attnstats.results import check_factors, plural


@dataclass(frozen=True)
class IID:
    """Rows are independent: each is drawn on its own. The statistic gets an array of the shape of the data, (n, ...).

    Examples
    --------
    >>> from attnstats.resampling import IID
    >>> IID().bind([1.0, 2.0, 6.0]).observed(max)
    6.0
    """

    prefix: ClassVar[str] = ""

    def bind(self, data: ArrayLike, missing: CompleteCases | None = None) -> Sample:
        """Return the data with rows as units."""
        return _independent_rows(data, "data", missing)


@dataclass(frozen=True)
class IndependentSamples:
    """Two or more independent samples: the rows of each are drawn from that sample alone.

    The data are a tuple of arrays, shapes (n_a, ...), (n_b, ...) and so on; the statistic gets as many arguments, of
    the same shapes. Rows that belong together, as two scores of one example do, are columns of one array instead.

    References
    ----------
    Davison and Hinkley (1997), Bootstrap Methods and their Application, sections 3.2 and 5.3.

    Examples
    --------
    >>> from attnstats.resampling import IndependentSamples
    >>> IndependentSamples().bind(([1.0, 2.0, 6.0], [0.0, 4.0])).observed(lambda a, b: a.mean() - b.mean())
    1.0
    """

    prefix: ClassVar[str] = "independent-samples "

    def bind(self, data: tuple[ArrayLike, ...], missing: CompleteCases | None = None) -> Sample:
        """Return the samples with their rows as units."""
        if not isinstance(data, tuple):
            raise InvalidInputError(f"data: must be a tuple of samples; got {type(data).__name__}")
        check_at_least(len(data), 2, "number of samples in data")
        return SeveralSamples([_independent_rows(sample, f"data[{i}]", missing) for i, sample in enumerate(data)])


@dataclass(frozen=True, eq=False)
class Clustered:
    """Rows of one group are dependent: whole groups are drawn.

    The data have shape (n, ...); the statistic gets the rows of the drawn groups, one group after the other, so their
    number varies when groups differ in size. With few groups take `Studentized`, or a t interval over the groups'
    means: percentiles and BCa are too short, and warn below 30 groups.

    Parameters
    ----------
    groups : array_like, shape (n,)
        Group of each row.

    Examples
    --------
    >>> from attnstats.resampling import Clustered
    >>> Clustered(["a", "a", "b"]).bind([1.0, 2.0, 6.0]).leave_one_out(max)
    array([6., 2.])
    """

    prefix: ClassVar[str] = "cluster "
    groups: ArrayLike

    def bind(self, data: ArrayLike, missing: CompleteCases | None = None) -> Sample:
        """Return the data with groups as units."""
        rows, codes, n_missing = _labelled_rows(data, missing, groups=self.groups)
        check_at_least(int(codes.max()) + 1, 2, "number of groups")
        return GroupedSample(rows, codes, "clusters", None, n_missing)


@dataclass(frozen=True, eq=False)
class Stratified:
    """Rows are independent within strata of fixed size: each is drawn from its own stratum.

    The data have shape (n, ...); the statistic gets an array of the same shape, with the strata in their places. One
    that compares strata must read them from a column of the data, since the jackknife of `BCa` leaves rows out.

    Parameters
    ----------
    strata : array_like, shape (n,)
        Stratum of each row; every stratum needs two rows or more.

    References
    ----------
    Davison and Hinkley (1997), Bootstrap Methods and their Application, section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.resampling import Stratified
    >>> Stratified(["a", "a", "b", "b"]).bind([1.0, 2.0, 8.0, 9.0]).resample(np.random.default_rng(0)).data
    array([1., 1., 9., 9.])
    """

    prefix: ClassVar[str] = "stratified "
    strata: ArrayLike

    def bind(self, data: ArrayLike, missing: CompleteCases | None = None) -> GroupedSample:
        """Return the data with rows as units."""
        rows, codes, n_missing = _labelled_rows(data, missing, strata=self.strata)
        check_at_least(int(np.bincount(codes).min()), 2, "number of rows in the smallest stratum")
        return GroupedSample(rows, np.arange(len(rows)), "rows", codes, n_missing)


@dataclass(frozen=True, eq=False)
class Nested:
    """Rows within groups, both drawn: groups with replacement, then the rows of every drawn group with replacement.

    The data have shape (n, ...); the statistic gets the drawn rows, one drawn group after the other. Rows belong to
    their group alone; items that all groups share are `Crossed`.

    With K groups the variance between them comes out (K - 1)/K of what it should, and that of their rows, which it
    holds already, is added once more: intervals are too short where groups dominate, too long where rows do.
    `Clustered`, which keeps the rows of a drawn group, has the first error alone; with `Studentized` it has neither.

    Parameters
    ----------
    groups : array_like, shape (n,)
        Group of each row.

    References
    ----------
    Davison and Hinkley (1997), Bootstrap Methods and their Application, section 3.8.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.resampling import Nested
    >>> Nested(["a", "a", "b"]).bind([1.0, 2.0, 6.0]).resample(np.random.default_rng(0)).data
    array([1., 2., 1., 2.])
    """

    prefix: ClassVar[str] = "nested "
    groups: ArrayLike

    def bind(self, data: ArrayLike, missing: CompleteCases | None = None) -> Sample:
        """Return the data with groups, and rows within them, as units."""
        rows, codes, n_missing = _labelled_rows(data, missing, groups=self.groups)
        check_at_least(int(codes.max()) + 1, 2, "number of groups")
        return NestedSample(rows, codes, "clusters", None, n_missing)


@former_fields(paired_seeds="paired_replicates")
@dataclass(frozen=True)
class Crossed:
    """Two crossed factors, drawn independently of each other: every replicate meets every item (pigeonhole bootstrap).

    The data have shape (..., n_replicates, n_items), for example trained models by test examples, or readers by cases;
    leading axes are strata, which share the drawn items. A tuple of such arrays stands for several data sets, which
    share nothing. The statistic gets an array (or tuple of arrays) of the same shapes; `numpy.mean` means the mean over
    strata of their means.

    The variance is right for both main components up to factors (n - 1)/n, and too large for their interaction (Owen
    2007, theorem 4). With fewer than 30 replicates percentile intervals are too short, and warn: prefer
    `attnstats.comparison.anova_interval`.

    Parameters
    ----------
    paired_replicates : bool
        Whether replicate r of all strata is drawn together, as one with a common source of variation; else each
        stratum's replicates are drawn independently.
    missing : {'raise', 'omit'}
        With ``'omit'`` NaN marks an item that is undefined for a replicate: a stratum's mean is the mean over
        replicates of each one's mean over its defined items, and a callable gets the NaN.
    replication_unit, crossed_unit : str
        What a replicate and an item are, in the singular, for messages: ``"reader"`` and ``"case"``.

    Raises
    ------
    InvalidInputError
        If `missing` is another word, or the data have fewer than two dimensions.
    NonFiniteError
        If a value is infinite; or NaN, with ``missing="raise"``; or if a replicate has no defined item.
    TooFewSamplesError
        With fewer than two replicates or items.

    References
    ----------
    Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1, 386-411.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.resampling import Crossed, bootstrap_interval
    >>> generator = np.random.default_rng(0)
    >>> scores = generator.normal(size=(40, 1)) + generator.normal(size=(40, 60))  # readers by cases
    >>> bootstrap_interval(scores, np.mean, design=Crossed(replication_unit="reader", crossed_unit="case"), rng=0)
    95 % CI [-0.348, 0.175] (crossed percentile bootstrap, 9999 resamples)
    """

    prefix: ClassVar[str] = "crossed "
    paired_replicates: bool = False
    missing: str = "raise"
    replication_unit: str = "replicate"
    crossed_unit: str = "item"

    def __post_init__(self) -> None:
        check_flag(self.paired_replicates, "paired_replicates")
        check_member(self.missing, "missing", ("raise", "omit"))
        check_factors(self.replication_unit, self.crossed_unit)

    def bind(self, data: ArrayLike | tuple[ArrayLike, ...], missing: CompleteCases | None = None) -> Sample:
        """Return the data with replicates and items as units."""
        if missing is not None:
            raise InvalidInputError(
                "missing: must be None for a Crossed design, whose rows are no units; got CompleteCases(). Take "
                "Crossed(missing='omit')"
            )
        arrays = data if isinstance(data, tuple) else (data,)
        check_at_least(len(arrays), 1, "number of data sets in data")
        return CrossedSample(
            [self._as_block(array) for array in arrays],
            paired_replicates=self.paired_replicates,
            as_tuple=isinstance(data, tuple),
            units=(plural(self.replication_unit), plural(self.crossed_unit)),
        )

    def _as_block(self, data: ArrayLike) -> FloatArray:
        block = read(data, "data").floats("data")
        if block.ndim < 2:
            raise InvalidInputError(f"data: must have shape (..., n_replicates, n_items); got {block.shape}")
        check_at_least(block.shape[-2], 2, f"number of {plural(self.replication_unit)} in data")
        check_at_least(block.shape[-1], 2, f"number of {plural(self.crossed_unit)} in data")
        missing = np.isnan(block)
        remedy = "Take Crossed(missing='omit')"
        check_finite(np.where(missing, 0.0, block) if self.missing == "omit" else block, "data", remedy=remedy)
        if missing.all(axis=-1).any():
            raise NonFiniteError(
                f"data: must have a defined {self.crossed_unit} for every {self.replication_unit}; got a"
                f" {self.replication_unit} with NaN alone"
            )
        return block


def _independent_rows(data: ArrayLike, name: str, missing: CompleteCases | None) -> GroupedSample:
    """Return data whose rows are units of their own."""
    (data,), n_missing = complete_cases(missing, **{name: data})
    rows = _as_rows(data, name)
    check_at_least(len(rows), 2, f"number of rows in {name}")
    return GroupedSample(rows, np.arange(len(rows)), "rows", None, n_missing)


def _labelled_rows(
    data: ArrayLike, missing: CompleteCases | None, **labels: ArrayLike
) -> tuple[FloatArray, IntArray, int]:
    """Return data as rows, the codes of their labels, and how many rows were left out."""
    ((name, values),) = labels.items()
    (data, values), n_missing = complete_cases(missing, data=data, **{name: values})
    rows = _as_rows(data, "data")
    codes, _ = as_labels(values, name)
    check_same_length(**{"data": rows, name: codes})
    return rows, codes, n_missing


def _as_rows(data: ArrayLike, name: str) -> FloatArray:
    """Return data as an array of rows, each with a value at least."""
    rows = as_float_array(data, name)
    check_at_least(len(rows) if rows.ndim else 0, 1, f"number of rows in {name}")
    if rows.size == 0:
        raise InvalidInputError(f"{name}: must hold at least one value a row; got shape {rows.shape}")
    return rows
