"""What is wrong with arrays that should be a trace, in plain words, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import permutations
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from attnstats._distributions import COARSEST, check_probabilities, spacing, sum_tolerance
from attnstats._validation import BoolArray, FloatArray, RealArray
from attnstats.exceptions import InvalidInputError
from attnstats.trace._arrays import class_array, finite_tokens, output_array, real_array, token_mask
from attnstats.trace._names import missing_array
from attnstats.trace._read_trace import ARRAYS
from attnstats.trace._stored_arrays import is_saved_trace, stored_arrays

_T = TypeVar("_T")


def trace_problems(source: str | Path | Mapping[str, ArrayLike]) -> tuple[str, ...]:
    """Return what keeps arrays from being a trace that can be analysed, one sentence for each fault.

    `AttentionTrace.from_arrays` stops at the first fault; this looks for all of them.

    Parameters
    ----------
    source : str, Path, or mapping of str to array_like
        A file or folder as `read_trace` takes it, or the arrays ``attention``, ``hidden`` and ``output``, and ``mask``
        and ``label`` where there are, as `AttentionTrace.from_arrays` takes them. Other arrays are left alone.

    Returns
    -------
    tuple of str
        Empty if nothing is wrong.

    Raises
    ------
    TraceError
        If the file cannot be read.
    InvalidInputError
        If `source` is neither a path nor a mapping.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> arrays = {
    ...     "attention": 100 * rng.dirichlet(np.ones(4), size=2), "hidden": rng.normal(size=(4, 2, 3)),
    ...     "output": [[2.0, -1.0], [0.5, 0.75]]}
    >>> for problem in trace_problems(arrays):
    ...     print(problem)
    hidden: must have shape (*(2, 4), dim) like attention; got (4, 2, 3); its axes look to be in another order: pass ...
    attention: 2 of 2 rows do not sum to one; the sums are all 100; these look like per cent: divide ...
    output: must hold class probabilities, ... these look like logits: pass scipy.special.softmax(output, axis=1)
    """
    arrays, saved = _arrays_of(source)
    found = [missing_array(name, arrays) for name in ("attention", "hidden", "output") if name not in arrays]
    read = _Reader(arrays, found)
    attention = read("attention", lambda given: real_array(given, "attention", ("n_examples", "n_tokens")))
    hidden = read("hidden", lambda given: real_array(given, "hidden", ("n_examples", "n_tokens", "dim")))
    output, label = read("output", output_array), read("label", lambda given: class_array(given, "label"))
    if attention is not None and not attention.size:
        found.append(f"attention: must hold an example and a token; got shape {attention.shape}")
    elif attention is not None:
        n = None if output is None else len(output)
        order = list(_axes(attention, hidden, n))
        found += order
        if not any(each.startswith("attention") for each in order):
            real = read("mask", lambda given: token_mask(given, attention.shape))
            if real is None and "mask" not in arrays:
                real = np.ones(attention.shape, dtype=np.bool_)
            if real is not None:
                precision = COARSEST if saved else spacing(arrays["attention"])  # once saved it is no longer known
                found += _weights(attention.astype(np.float64), real, sum_tolerance(precision, attention.shape[1]))
                found += [] if order else _states(hidden, real)
    if output is not None and len(output):
        found += _output(output, label, COARSEST if saved else spacing(arrays["output"]))
    return tuple(found)


def _arrays_of(source: Any) -> tuple[Mapping[str, Any], bool]:
    """Return named arrays, and whether they are those of a saved trace."""
    if isinstance(source, Mapping):
        return source, False
    if not isinstance(source, str | Path):
        raise InvalidInputError(f"source: must be a path or a mapping of names to arrays; got {type(source).__name__}")
    return stored_arrays(Path(source), ARRAYS), is_saved_trace(Path(source))


class _Reader:
    """Reads one array after another, and keeps what is wrong with those that it cannot read."""

    def __init__(self, arrays: Mapping[str, ArrayLike], found: list[str]) -> None:
        self.arrays, self.found = arrays, found

    def __call__(self, name: str, convert: Callable[[ArrayLike], _T]) -> _T | None:
        if name not in self.arrays:
            return None
        try:
            return convert(self.arrays[name])
        except InvalidInputError as error:
            self.found.append(str(error))
            return None


def _axes(attention: RealArray, hidden: RealArray | None, n: int | None) -> Iterator[str]:
    """Tell arrays whose shapes do not agree, and the order of axes in which they would."""
    shape = attention.shape
    if n is not None and len(attention) != n:
        turned = "; its axes look swapped: pass attention.T" if shape[1] == n else ""
        yield f"attention: must have a row for each of the {n} examples of output; got shape {shape}{turned}"
        shape = shape[::-1] if turned else shape
    if hidden is None or hidden.shape[:2] == shape:
        return
    orders = (order for order in permutations(range(3)) if tuple(hidden.shape[axis] for axis in order[:2]) == shape)
    order = next(orders, None)
    remedy = "" if order is None else f"; its axes look to be in another order: pass np.transpose(hidden, {order})"
    yield f"hidden: must have shape (*{shape}, dim) like attention; got {hidden.shape}{remedy}"


def _weights(weights: FloatArray, real: BoolArray, tolerance: float) -> Iterator[str]:
    """Tell weights that are no distribution over the real tokens."""
    wrong = ~np.isfinite(weights) & real
    if wrong.any():
        yield f"attention: {_counted(wrong)} NaN or infinite; of a softmax over padding alone, leave the text out"
        return
    if (weights[real] < 0).any():
        logs = weights[real].max() <= 0 and np.allclose(
            np.exp(np.where(real, weights, -np.inf)).sum(axis=1), 1, atol=1e-2
        )
        remedy = "these look like logarithms: pass np.exp(attention)" if logs else "of scores pass the softmax"
        yield f"attention: {_counted((weights < 0) & real)} negative; {remedy}, with zeros at padding"
        return
    with np.errstate(over="ignore"):
        outside = np.where(real, 0, np.abs(np.nan_to_num(weights, nan=np.inf))).sum(axis=1)
    if outside.any() and not weights[real].any():
        yield "mask: looks inverted: all weight lies where it is False; it must be True at real tokens: pass ~mask"
        return
    if outside.any():
        yield (
            f"attention: {int((outside > 0).sum())} of {len(weights)} texts have weight at padding, up to "
            f"{outside.max():.3g}; give padding no weight in the softmax, or pass np.where(mask, attention, 0) with "
            "renormalize=True"
        )
    else:
        yield from _sums(np.where(real, weights, 0), tolerance)  # what lies at padding is missing elsewhere


def _sums(weights: FloatArray, tolerance: float) -> Iterator[str]:
    """Tell rows that do not sum to one: how many, how far, and why that may be."""
    with np.errstate(over="ignore"):
        sums, columns = weights.sum(axis=1), weights.sum(axis=0)
    wrong = ~(np.abs(sums - 1) <= tolerance)
    if not wrong.any():
        return
    worst = int(np.abs(sums - 1).argmax())
    if len(sums) == len(columns) and (np.abs(columns - 1) <= tolerance).all():
        remedy = "its columns do, so its axes look swapped: pass attention.T"
    elif np.allclose(sums, 100, atol=1.5):
        remedy = "these look like per cent: divide them by 100"
    elif (sums == 0).any():
        remedy = f"{int((sums == 0).sum())} of them are all zero: leave these texts out"
    elif np.abs(sums - 1).max() <= 2 * COARSEST:
        remedy = "they look rounded: pass renormalize=True"
    elif sums.max() <= 1 + tolerance:
        remedy = "of weights over a part of the tokens, as without special tokens, pass renormalize=True"
    elif sums.max() < 1000 and np.allclose(sums, np.round(sums.mean()), atol=1e-2):
        remedy = f"they look like a sum over {round(sums.mean())} heads: pass their mean"
    else:
        remedy = "they look like scores before the softmax, or of a sigmoid: pass the weights that the model uses"
    found = f"lie between {sums.min():.3g} and {sums.max():.3g}, the farthest in example {worst}"
    if np.allclose(sums, sums[worst], rtol=0, atol=tolerance):
        found = f"are all {sums[worst]:.3g}"
    yield f"attention: {int(wrong.sum())} of {len(sums)} rows do not sum to one; the sums {found}; {remedy}"


def _states(hidden: RealArray | None, real: BoolArray) -> Iterator[str]:
    if hidden is None:
        return
    wrong = ~finite_tokens(hidden) & real
    if wrong.any():
        yield (
            f"hidden: {_counted(wrong)} NaN or infinite; states that overflowed half precision come right in "
            "bfloat16 or single precision, and a text of padding alone must be left out"
        )


def _output(output: Any, label: Any, precision: float) -> Iterator[str]:
    """Tell outputs that are no probabilities or of one class, and labels that are no columns of them."""
    if output.ndim == 2:
        try:
            check_probabilities(output.astype(np.float64), "output", sum_tolerance(precision, output.shape[1]))
        except InvalidInputError as error:
            yield str(error)
    predicted = output.argmax(axis=1) if output.ndim == 2 else output
    if len(np.unique(predicted)) < 2:
        yield (
            f"output: all {len(output)} texts are predicted as class {predicted[0]}, so nothing can be told about it: "
            "take texts of all classes, and see whether the model learned"
        )
    if label is None:
        return
    if len(label) != len(output):
        yield f"label: must have one class for each of the {len(output)} examples of output; got {len(label)}"
    elif output.ndim == 2 and not 0 <= label.min() <= label.max() < output.shape[1]:
        yield (
            f"label: must lie in 0 to {output.shape[1] - 1}, the columns of output; got {label.min()} to "
            f"{label.max()}; pass np.unique(label, return_inverse=True)[1] if they are in the order of the columns"
        )


def _counted(wrong: BoolArray) -> str:
    """Return how many values are wrong, and where the first is."""
    example, token = np.argwhere(wrong)[0]
    n_texts = int(wrong.any(axis=1).sum())
    return f"{int(wrong.sum())} tokens of {n_texts} texts, the first in example {example}, token {token}, are"
