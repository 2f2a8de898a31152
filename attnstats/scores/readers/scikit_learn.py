"""Scores of the folds of scikit-learn: ``cv_results_`` of a search, and dicts of ``cross_validate``."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attnstats._column import shown
from attnstats._tables import read_table
from attnstats.exceptions import InvalidInputError

_SPLIT = re.compile(r"split(\d+)_test_(.+)")
#: What a search by halving says of each candidate, and the columns of it.
_HALVING = {"iter": "iteration", "n_resources": "n_resources"}


def read_cv_results(results: Mapping[str, Any] | str | Path) -> pd.DataFrame:
    """Return the test scores of a search over parameters, one row for each candidate, fold and metric.

    Scores of training are left out; those of a fit that failed are NaN, as scikit-learn writes them. Splits of a
    repeated cross-validation are numbered on through the repetitions. A search by halving scores the same candidate
    several times, with more resources each time: keep the rows of one iteration to compare candidates.

    Parameters
    ----------
    results : mapping, str or Path
        ``search.cv_results_`` of `GridSearchCV`, `RandomizedSearchCV` or their like (scikit-learn, model selection), or
        the path of CSV that holds it, as ``pd.DataFrame(search.cv_results_).to_csv(path)`` writes.

    Returns
    -------
    DataFrame
        Columns candidate (its parameters as text, ``"C=0.1, penalty='l2'"``), fold (from 0), metric (``"score"`` if the
        search had one) and value; after candidate, iteration and n_resources if the search was by halving.

    Raises
    ------
    InvalidInputError, DatasetError
        If it is not such a mapping; if the file cannot be read.

    Examples
    --------
    >>> from attnstats.scores import read_cv_results
    >>> results = {
    ...     "params": [{"C": 0.1}, {"C": 1.0}], "mean_test_score": [0.7, 0.8],
    ...     "split0_test_score": [0.6, 0.9], "split1_test_score": [0.8, 0.7],
    ... }
    >>> read_cv_results(results)
      candidate  fold metric  value
    0     C=0.1     0  score    0.6
    1     C=1.0     0  score    0.9
    2     C=0.1     1  score    0.8
    3     C=1.0     1  score    0.7
    """
    if isinstance(results, str | Path):
        cells = read_table(results).cells
        results = {str(name): [each or "nan" for each in cells[name]] for name in cells.columns}  # pandas writes ""
    splits = [match for key in _mapping(results, "results") if (match := _SPLIT.fullmatch(str(key)))]
    if "params" not in results or not splits:
        raise InvalidInputError(
            "results: must be cv_results_ of a search, with 'params' and 'split0_test_score'; got the keys"
            f" {', '.join(map(str, results)) or 'none'}"
        )
    if not _is_list(results["params"]):
        raise InvalidInputError(f"results['params']: must be a list of parameters; got {shown(results['params'])}")
    n = len(results["params"])
    candidates: dict[str, Any] = {"candidate": [_in_words(each) for each in results["params"]]}
    if "iter" in results:
        candidates |= {name: _of_candidates(results, key, n) for key, name in _HALVING.items()}
    return pd.concat(
        [
            pd.DataFrame(
                {
                    **candidates,
                    "fold": int(match[1]),
                    "metric": match[2],
                    "value": _floats(results, match[0], "results", n),
                }
            )
            for match in sorted(splits, key=lambda match: (match[2], int(match[1])))
        ],
        ignore_index=True,
    )


def read_cross_validate(runs: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return the test scores of several runs of ``cross_validate``, one row for each model, fold and metric.

    Fold 3 of two models is the same fold only if both were given the same splits, such as ``cv=KFold(5, shuffle=True,
    random_state=0)``: without ``random_state`` one splitter draws new splits at each call. With
    ``return_indices=True`` that is checked.

    Parameters
    ----------
    runs : mapping of str to mapping
        For each model by name, what ``cross_validate`` returned (scikit-learn, model selection).

    Returns
    -------
    DataFrame
        Columns model, fold (from 0), metric (``"score"`` if there was one) and value; with ``return_indices=True`` for
        every model also n_train and n_test, the numbers of rows of each fold.

    Raises
    ------
    InvalidInputError
        If a run is not such a mapping, or two runs have other test rows in the same fold.

    Examples
    --------
    >>> from attnstats.scores import read_cross_validate
    >>> runs = {"forest": {"fit_time": [1, 1], "test_score": [0.9, 0.8]}, "tree": {"test_score": [0.7, 0.6]}}
    >>> read_cross_validate(runs)
        model  fold metric  value
    0  forest     0  score    0.9
    1  forest     1  score    0.8
    2    tree     0  score    0.7
    3    tree     1  score    0.6
    """
    if not _mapping(runs, "runs"):
        raise InvalidInputError("runs: must have at least one run; got none")
    frames = []
    for name, run in runs.items():
        metrics = [key for key in _mapping(run, f"runs[{name!r}]") if str(key).startswith("test_")]
        if not metrics:
            raise InvalidInputError(
                f"runs[{name!r}]: must be what cross_validate returns, with 'test_score'; got the keys"
                f" {', '.join(map(str, run)) or 'none'}"
            )
        for key in metrics:
            values = _floats(run, key, f"runs[{name!r}]")
            fold = np.arange(len(values))
            frames.append(pd.DataFrame({"model": name, "fold": fold, "metric": key[len("test_") :], "value": values}))
    table = pd.concat(frames, ignore_index=True)
    if all("indices" in run for run in runs.values()):
        first = _same_folds(runs)
        for column, part in (("n_train", "train"), ("n_test", "test")):
            table[column] = np.array([len(rows) for rows in first[part]])[table["fold"]]
    return table


def _mapping(given: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise InvalidInputError(f"{name}: must be a mapping; got {type(given).__name__}")
    return given


def _floats(
    given: Mapping[str, Any], key: str, name: str, n: int | None = None
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return scores, of which there must be n if that is given."""
    try:
        values = np.asarray(given[key], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"{name}[{key!r}]: must be numbers; got {shown(given[key])}") from error
    if values.ndim != 1 or n not in (None, len(values)):
        number = "one number for each fold" if n is None else f"{n} numbers, one for each candidate"
        raise InvalidInputError(f"{name}[{key!r}]: must be {number}; got shape {values.shape}")
    return values


def _is_list(given: Any) -> bool:
    """Whether something has entries in order."""
    return hasattr(given, "__len__") and hasattr(given, "__iter__") and not isinstance(given, str | Mapping)


def _of_candidates(results: Mapping[str, Any], key: str, n: int) -> np.ndarray[Any, Any]:
    values = np.asarray(results.get(key))
    if values.shape != (n,):
        raise InvalidInputError(
            f"results[{key!r}]: must be {n} numbers, one for each candidate; got {shown(results.get(key))}"
        )
    return values


def _in_words(parameters: Mapping[str, Any] | str) -> str:
    """Return parameters as text, those of a file as they would be without it."""
    if isinstance(parameters, str):
        try:
            parameters = ast.literal_eval(parameters)
        except (ValueError, SyntaxError):  # an object among them, of which the file holds its name
            return str(parameters).strip("{}")
    if not isinstance(parameters, Mapping):
        raise InvalidInputError(f"results['params']: must be parameters by name; got {shown(parameters)}")
    return ", ".join(f"{name}={value!r}" for name, value in parameters.items()) or "defaults"


def _same_folds(runs: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the rows of the folds, which must be the same in all runs."""
    for name, run in runs.items():
        n = len(next(scores for key, scores in run.items() if str(key).startswith("test_")))
        indices = _mapping(run["indices"], f"runs[{name!r}]['indices']")
        for part in ("train", "test"):
            rows: Any = indices.get(part)
            if not (_is_list(rows) and len(rows) == n and all(map(_is_list, rows))):
                raise InvalidInputError(
                    f"runs[{name!r}]['indices'][{part!r}]: must hold the rows of {n} folds; got {shown(rows)}"
                )
    (first_name, first), *others = ((name, run["indices"]) for name, run in runs.items())
    for name, indices in others:
        for fold, (rows, again) in enumerate(zip(first["test"], indices["test"], strict=False)):
            if not np.array_equal(rows, again):
                raise InvalidInputError(
                    f"runs[{name!r}]: must have the folds of runs[{first_name!r}]; got other test rows in fold {fold}"
                    " (give both the same cv with a random_state)"
                )
    return dict(first)
