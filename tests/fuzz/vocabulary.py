"""The words in which an input is written down, so that each is one line of Python and a finding is its own reproducer.

Values come first: ``tied((12, 2), 3)`` has that shape, and 3 is its seed. Most lie on a grid that every dtype down to
bfloat16 can hold, so that a change of dtype changes no value. The containers come second: each takes an array and gives
equal values in another form. The rest spoils an array, and no word does anything else.
"""

import importlib.util
from decimal import Decimal  # noqa: F401 (inputs are written with it)
from fractions import Fraction  # noqa: F401
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse as scipy_sparse

from attnstats.ablation import SoftmaxHead
from attnstats.datasets import HumanMarks
from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.missing import CompleteCases  # noqa: F401
from attnstats.plausibility import HumanAgreement, human_ceiling, plausibility, random_rationale
from attnstats.results import ConfidenceInterval, MIEstimate, SignificanceResult
from attnstats.trace import AttentionTrace
from tests.report.conftest import synthetic_frame

Array = np.ndarray
Shape = tuple[int, ...]

# ---------------------------------------------------------------------------------------------------------- values

_GRID = np.arange(-127, 128) / 32  # every dtype down to bfloat16 holds these


def normal(shape: Shape, seed: int) -> Array:
    """Bell-shaped values of the grid, no two alike while the grid lasts."""
    rng, size = np.random.default_rng(seed), int(np.prod(shape))
    weights = np.exp(-(_GRID**2) / 2)
    return rng.choice(_GRID, size, replace=size > len(_GRID), p=weights / weights.sum()).reshape(shape)


def smooth(shape: Shape, seed: int) -> Array:
    return np.random.default_rng(seed).normal(size=shape)


def tied(shape: Shape, seed: int) -> Array:
    return np.random.default_rng(seed).integers(0, 4, size=shape).astype(float)


def whole(shape: Shape, seed: int) -> Array:
    return np.random.default_rng(seed).integers(0, 100, size=shape)


def flags(shape: Shape, seed: int) -> Array:
    return np.random.default_rng(seed).integers(0, 2, size=shape).astype(bool)


def constant(shape: Shape, seed: int) -> Array:
    return np.full(shape, float(seed))


def skewed(shape: Shape, seed: int) -> Array:
    return np.exp(4 * smooth(shape, seed))


def scaled(shape: Shape, seed: int, factor: float) -> Array:
    """Values of one size: 1e300 for huge ones, 1e-300 for tiny ones, 1e-320 for denormal ones."""
    return smooth(shape, seed) * factor


def spread(shape: Shape, seed: int) -> Array:
    """Values of every size at once, 1e-300 to 1e300."""
    return smooth(shape, seed) * 10.0 ** np.random.default_rng(seed).integers(-300, 300, size=shape)


def offset(shape: Shape, seed: int, by: float) -> Array:
    return by + normal(shape, seed)


def limits(shape: Shape, seed: int, dtype: str) -> Array:
    """The ends of a dtype, and what lies near zero."""
    kind = np.dtype(dtype)
    ends = np.iinfo(kind) if kind.kind in "iu" else np.finfo(kind)
    return np.random.default_rng(seed).choice(np.array([ends.min, ends.max, 0, 1], dtype=kind), shape)


def copied(values: Array) -> Array:
    """The first half of the rows, twice."""
    return values[np.arange(len(values)) % max(1, (len(values) + 1) // 2)]


def words(shape: Shape, seed: int) -> Array:
    return np.random.default_rng(seed).choice(np.array(["NA", "None", "pos", "neg"]), shape)


def weights(shape: Shape, seed: int) -> Array:
    """Positive values whose rows sum to one."""
    values = np.random.default_rng(seed).dirichlet(np.ones(shape[-1]), size=shape[:-1])
    return values


def pvalues(shape: Shape, seed: int) -> Array:
    return np.random.default_rng(seed).integers(1, 256, size=shape) / 256


def positive(shape: Shape, seed: int) -> Array:
    return np.abs(normal(shape, seed)) + 1 / 32


def correlations(shape: Shape, seed: int) -> Array:
    return np.random.default_rng(seed).integers(-15, 16, size=shape) / 16


def covariance(n: int, seed: int) -> Array:
    root = normal((n, n), seed)
    return root @ root.T + np.eye(n)


# ------------------------------------------------------------------------------------- equal values in another form


def as_list(values: Array) -> Any:
    return values.tolist() if values.size else values  # a list of nothing has lost its shape


def as_tuple(values: Array) -> Any:
    return tuple(values.tolist()) if values.ndim == 1 else values  # a tuple of arrays stands for several data sets


def fortran(values: Array) -> Array:
    return np.asfortranarray(values)


def backwards(values: Array) -> Array:
    """Negative strides."""
    return np.flip(np.flip(values).copy())


def strided(values: Array) -> Array:
    return np.repeat(values, 2, axis=0)[::2]


def read_only(values: Array) -> Array:
    result = values.copy()
    result.flags.writeable = False
    return result


def swapped(values: Array) -> Array:
    """The other byte order."""
    return values.astype(values.dtype.newbyteorder("S")) if values.dtype.kind in "iuf" else values


def as_objects(values: Array) -> Array:
    result = np.empty(values.shape, dtype=object)
    result[...] = values
    return result


def unmasked(values: Array) -> Any:
    return np.ma.masked_array(values, mask=False)


def retyped(values: Array, dtype: str) -> Array:
    """The values in another dtype where it, and float64, hold them exactly, else as they are."""
    if values.dtype.kind not in "iufb" or not _equal(values.astype(float), values):
        return values
    with np.errstate(all="ignore"):
        result = values.astype(dtype)
        return result if _equal(result, values) else values


def _equal(one: Array, other: Array) -> bool:
    return np.array_equal(one.astype(object), other.astype(object))  # as Python's numbers, which are never rounded


def series(values: Array, backend: str | None = None) -> Any:
    """A pandas Series or DataFrame whose index says nothing; with a backend, nullable or Arrow dtypes."""
    if values.ndim > 2:
        return values
    index = np.arange(len(values))[::-1] * 7
    frame = pd.Series(values, index=index) if values.ndim == 1 else pd.DataFrame(values, index=index)
    return frame if backend is None else frame.convert_dtypes(dtype_backend=backend)


def arrow(values: Array) -> Any:
    pyarrow = _imported("pyarrow")
    return pyarrow.chunked_array([values]) if pyarrow and values.ndim == 1 else values


def polars(values: Array) -> Any:
    library = _imported("polars")
    if not library or values.ndim > 2:
        return values
    return library.Series(values) if values.ndim == 1 else library.DataFrame(values)


def torch(values: Array, dtype: str | None = None) -> Any:
    library = _imported("torch")
    if not library or values.dtype.kind not in "ifb" or (dtype and values.dtype.kind != "f"):
        return values
    tensor = library.tensor(values)
    if dtype is None:
        return tensor
    cast = tensor.to(getattr(library, dtype))
    return cast if library.equal(cast.to(tensor.dtype), tensor) else tensor


def _imported(name: str) -> Any:
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


# ------------------------------------------------------------------------------------------------------ spoilt values


def with_value(values: Array, value: object, seed: int) -> Array:
    """The array with one value replaced."""
    result = values.astype(object if isinstance(value, str) or value is None or value is pd.NA else float)
    if result.size:
        result.flat[seed % result.size] = value
    return result


def masked(values: Array, seed: int) -> Any:
    mask = np.zeros(values.shape, dtype=bool)
    if mask.size:
        mask.flat[seed % mask.size] = True
    return np.ma.masked_array(values, mask=mask)


def nullable(values: Array, seed: int) -> Any:
    """A nullable column with a missing value."""
    column = pd.array(values.ravel().astype(float), dtype="Float64")
    column[seed % max(1, len(column)) : seed % max(1, len(column)) + 1] = pd.NA
    return column


def dates(values: Array, missing: bool) -> Array:
    days = (np.datetime64("2026-01-01") + values.astype(float).astype(int)).astype("datetime64[ns]")
    if missing and days.size:
        days.flat[0] = np.datetime64("NaT")
    return days


def ragged(values: Array) -> Any:
    return [list(range(1 + row % 3)) for row in range(len(values))]


def sparse(values: Array) -> Any:
    return scipy_sparse.csr_matrix(np.atleast_2d(values.astype(float)))


def with_gradient(values: Array) -> Any:
    library = _imported("torch")
    return library.tensor(values.astype(float), requires_grad=True) if library else values


def record(values: Array) -> Any:
    return np.array([(1, 2.0)] * len(values), dtype=[("a", int), ("b", float)])


def mixed_frame(values: Array) -> Any:
    rows = np.arange(len(values))
    return pd.DataFrame({"age": rows, "name": [f"p{row}" for row in rows], "when": pd.Timestamp("2026-01-01")})


def generated(values: Array) -> Any:
    return (each for each in values.tolist())


def nested(depth: int) -> Any:
    """A list that is many levels deep."""
    result: Any = [1.0]
    for _ in range(depth):
        result = [result]
    return result


# ------------------------------------------------------------------------------- what is not an array: traces, frames


class Head(SoftmaxHead):
    """A linear head over given states that offers whatever an ablation may ask a model for."""

    def _attention(self, scores: Array, mask: Array) -> Array:
        powers = np.where(mask, np.exp(scores - scores.max(axis=1, keepdims=True)), 0)
        return powers / powers.sum(axis=1, keepdims=True)

    def random_scorer_attention(self, hidden: Array, mask: Array, rng: Any) -> Array:
        return self._attention(hidden @ rng.normal(size=hidden.shape[2]), mask)

    def attention_at_temperature(self, hidden: Array, mask: Array, temperature: float, _: Any) -> Array:
        return self._attention(hidden.sum(axis=2) / temperature, mask)

    def attention_with_noise(self, hidden: Array, mask: Array, temperature: float, rng: Any) -> Array:
        return self._attention((hidden.sum(axis=2) + rng.gumbel(size=mask.shape)) / temperature, mask)

    def shuffled_label_attention(self, hidden: Array, mask: Array, rng: Any) -> Array:
        return self.random_scorer_attention(hidden, mask, rng)

    def separate_scorer_trace(self, rng: Any) -> AttentionTrace:
        return trace(12, int(rng.integers(9)))

    def predict_without(self, erased: Array) -> Array:
        return self.predict_from_attention(normal((len(erased), erased.shape[1], 2), 0), np.where(erased, 0, 1.0))


def head(seed: int, n_classes: int = 2) -> Head:
    return Head(normal((2, n_classes), seed), normal((n_classes,), seed + 1))


def trace(n: int, seed: int, dtype: str = "float64", **metadata: Any) -> AttentionTrace:
    """A trace of n texts of up to four tokens, two dimensions and two classes; two with one n are of the same texts."""
    rng = np.random.default_rng(seed)
    mask = np.arange(4) < np.random.default_rng(n).integers(1, 5, size=(n, 1))
    attention = np.where(mask, rng.random((n, 4)) + 0.1, 0)
    attention = (attention / attention.sum(axis=1, keepdims=True)).astype(dtype)
    hidden = rng.normal(size=(n, 4, 2)).astype(dtype)
    return AttentionTrace.from_arrays(
        attention=attention,
        hidden=hidden,
        output=head(seed).predict_from_attention(hidden, attention),
        mask=mask,
        label=rng.integers(2, size=n),
        **{"seed": seed, **metadata},
    )


def human_marks(n: int, seed: int) -> HumanMarks:
    """Texts of five tokens, at least one, which two annotators marked, some of them nothing."""
    marks = flags((max(n, 1), 2, 5), seed)
    return HumanMarks("made", [list("abcde")] * len(marks), [0] * len(marks), marks, ["one"])


def agreement(source: str, seed: int) -> HumanAgreement:
    """Agreement with the marks of twelve texts, of models or of what needs none."""
    marks = human_marks(12, 0)
    if source == "people":
        return human_ceiling(marks)
    return random_rationale(marks) if source == "chance" else plausibility(normal((int(source), 12, 5), seed), marks)


def study() -> Any:
    """The results frame of a small finished study."""
    return synthetic_frame(n_seeds=8)


def frame(n: int, seed: int) -> Any:
    """A results frame with n estimates and n contrasts."""
    values = normal((2 * n + 2,), seed)
    interval = ConfidenceInterval(-1.0, 1.0, 0.95, "BCa", 99)
    estimates = [MIEstimate(float(each), "KSG()", 10, 1, 1, interval, 0.0, 0.5, 0.01) for each in values[:n]]
    tests = [
        SignificanceResult("paired t", float(each), 0.25, "two-sided", "difference", float(each), 8, "seed")
        for each in values[n : 2 * n]
    ]
    keys = {"study": "s", "dataset": "d", "encoder": "mlp", "attention": "additive", "normalizer": "softmax"}
    rows = [Row.of(each, **keys, seed=seed, ablation="none") for each in estimates]
    return to_frame([*rows, *(Row.of(each, finding="i", family="f", **keys) for each in tests)])


def heads(n: int, seed: int) -> Any:
    """A results frame with the analysis of n layers of two heads, the last of which has no order."""
    rows = []
    for layer, value in enumerate(normal((n,), seed).tolist()):
        for head in range(2):
            keys = {"layer": layer, "head": head, "parameters": encode_parameters(query="ClassToken()")}
            found = {"value": value / 8, "pvalue_adjusted": 0.5, "n": 9} if head == 0 else {"n": 0}
            rows.append(Row(quantity="tau_b", family="heads", undefined=9 - found["n"], **found, **keys))
            rows.append(Row(quantity="gini", value=0.25, **keys))
    return to_frame(rows)
