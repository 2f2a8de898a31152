"""The variables of one estimate: which columns an estimator reads as classes, and the notes that say so."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from attnstats._conversion import Given
from attnstats._validation import as_samples
from attnstats._variable import Variable
from attnstats.exceptions import InvalidInputError
from attnstats.information._class_rule import Discrete, as_variable, is_whole, wishes_of
from attnstats.information.interface import MIEstimator, check_estimator


def variables_for(estimator: MIEstimator, **variables: tuple[ArrayLike | Given, Discrete]) -> list[Variable]:
    """Return each variable with which columns are classes, or raise if the estimator does not take what is asked."""
    check_estimator(estimator)
    judged = []
    for name, (values, discrete) in variables.items():
        takes_classes, takes_measurements = _takes(estimator, name)
        wishes = wishes_of(discrete, name)
        for wish, taken, words, other in (
            (True, takes_classes, "classes", "measurements"),
            (False, takes_measurements, "measurements", "classes"),
        ):
            if wish in wishes and not taken:
                raise InvalidInputError(
                    f"discrete_{name}: {type(estimator).__name__} must be given {other} of {name}, it does not take"
                    f" {words}; got {discrete!r}. Choose another estimator, such as Binned()"
                )
        judged.append(as_variable(values, name, discrete if takes_measurements else True))
        if not takes_classes:
            as_samples(judged[-1], name)  # refuses labels
    return judged


def reads_classes(estimator: MIEstimator, y: Variable) -> bool:
    """Whether an estimator takes the y at hand as classes."""
    takes_classes, takes_measurements = _takes(estimator, "y")
    return takes_classes and (all(y.discrete) or not takes_measurements)


def reading_notes(estimator: MIEstimator, **variables: Variable) -> tuple[str, ...]:
    """Return how whole numbers were read by an estimator that takes both kinds, and how to have them read otherwise."""
    notes = []
    for name, variable in variables.items():
        if _takes(estimator, name) != (True, True):
            continue
        columns = variable.plain().T
        whole = [place for place, of in enumerate(variable.classes) if of is None and is_whole(columns[place])]
        for decision, words in ((True, "classes"), (False, "measurements")):
            places = [place for place in whole if variable.discrete[place] == decision]
            if not places:
                continue
            counts = [len(np.unique(columns[place])) for place in places]
            values = f"{min(counts)}" if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"
            some = "" if len(places) == len(columns) else f"{len(places)} of {len(columns)} columns, "
            if some and len(places) == 1:
                some = variable.where("", places[0]).removeprefix(": ") + ", "
            notes.append(f"{name}: {some}{values} whole numbers, read as {words} (else discrete_{name}={not decision})")
    return tuple(notes)


def _takes(estimator: MIEstimator, name: str) -> tuple[bool, bool]:
    """Return whether an estimator takes classes, and measurements, of x, y or z."""
    return bool(getattr(estimator, f"discrete_{name}")), name != "y" or estimator.continuous_y
