"""The classes between which a model chooses, and the labels that are some of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._validation import IntArray, as_targets
from attnstats.adapters._layer_names import near_names
from attnstats.exceptions import InvalidInputError
from attnstats.trace._arrays import class_array

#: Kinds of problem of which one column of scores is the log-odds of class 1: it was trained by cross-entropy.
_BINARY = ("multi_label_classification", "single_label_classification")


def check_chooses(model: Any) -> None:
    """Raise unless a classifier chooses one of several classes."""
    name, kind, n = type(model).__name__, getattr(model.config, "problem_type", None), model.config.num_labels
    if kind == "regression" or (n == 1 and kind not in _BINARY):
        how = "" if kind else ", as transformers trains a single output"
        remedy = (
            "; of a binary classifier whose output is the log-odds of class 1, set model.config.problem_type = "
            "'multi_label_classification'"
        )
        raise InvalidInputError(
            f"model: must choose one of several classes; got {name} for regression{how}{remedy if n == 1 else ''}"
        )
    if n > 1 and kind == "multi_label_classification":
        raise InvalidInputError(
            f"model: must choose one of several classes; got {name} for multi label classification, whose {n} outputs "
            "answer a question each; give its classifier one of them alone, with model.config.num_labels = 1"
        )


def is_one_column(model: Any) -> bool:
    """Whether a classifier gives the log-odds of class 1 of two."""
    return model.config.num_labels == 1 and getattr(model.config, "problem_type", None) in _BINARY


def class_names(model: Any, answers: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return the names of the classes, in order; None where the model has no names for two."""
    if answers is not None:
        return tuple(answers)
    if is_one_column(model):
        return None
    return tuple(str(model.config.id2label.get(number, number)) for number in range(model.config.num_labels))


def checked_labels(
    n_texts: int, labels: ArrayLike | None, model: Any, answers: Sequence[str] | None
) -> IntArray | None:
    """Return the true classes by their numbers, one for each text, all of them classes of the model."""
    if labels is None:
        return None
    given: Any = labels
    known = class_names(model, answers)
    named = isinstance(given, list | tuple | np.ndarray) or hasattr(given, "to_numpy")
    array = np.asarray(given) if named else None
    if array is not None and array.ndim == 2 and array.shape[1] > 1:
        raise InvalidInputError(
            f"labels: must be one class for each text; got shape {array.shape}; of columns of 0 and 1 with a single 1 "
            "a row, pass labels.argmax(axis=1)"
        )
    if known is not None and array is not None and array.ndim == 1 and _are_names(array):
        given = [_number_of(str(name), known, "labels", f" for text {text}") for text, name in enumerate(array)]
    classes = class_array(given, "labels")
    if len(classes) != n_texts:
        raise InvalidInputError(f"labels: must be one for each text; got {len(classes)} for {n_texts} texts")
    n_classes = 2 if known is None else len(known)
    wrong = np.flatnonzero((classes < 0) | (classes >= n_classes))
    if wrong.size:
        what = "places of the answers" if answers is not None else f"classes of {type(model).__name__}"
        raise InvalidInputError(
            f"labels: must be {what}, 0 to {n_classes - 1}; got {classes[wrong[0]]} for text {wrong[0]}"
            + ("" if known is None else f"; {near_names('', known)}")
        )
    return classes


def _are_names(array: NDArray[Any]) -> bool:
    return array.size > 0 and array.dtype.kind in "UO" and all(isinstance(each, str) for each in array)


def checked_target(
    target: int | str | ArrayLike, n_texts: int, model: Any, answers: Sequence[str] | None, n_classes: int
) -> IntArray:
    """Return the number of a class, or of one for each text, given by numbers or names, as one for each text."""
    known, array = class_names(model, answers), np.asarray(target)
    if known is not None and array.ndim <= 1 and _are_names(np.atleast_1d(array)):
        if array.ndim == 0:
            array = np.array(_number_of(str(target), known, "target"))
        else:
            array = np.array(
                [_number_of(str(name), known, "target", f" for text {at}") for at, name in enumerate(array)]
            )
    return as_targets(array, n_texts, n_classes)


def _number_of(name: str, known: Sequence[str], parameter: str, place: str = "") -> int:
    if name not in known:
        raise InvalidInputError(
            f"{parameter}: must be numbers or names of the model's classes; got {name!r}{place}; "
            f"{near_names(name, known)}"
        )
    return list(known).index(name)
