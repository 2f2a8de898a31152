"""Calls a door with many inputs and sorts what comes out: results, refusals, and findings."""

import os
import signal
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings

from attnstats.exceptions import AttnstatsError
from tests.fuzz.doors import Call, Door, calls
from tests.fuzz.invariants import broken_promises, leaked, same, unclear

#: Seconds that one small input may take; compiling on first use takes some of them.
TIME_LIMIT = 60.0


class TooSlow(BaseException):
    """A call went over the time limit; no `except Exception` on the way holds it up."""


@dataclass(frozen=True)
class Finding:
    """One input whose outcome is neither a sound result nor a clear refusal."""

    sort: str
    place: str
    detail: str
    line: str

    @property
    def kind(self) -> tuple[str, str]:
        """Findings of one kind have one cause."""
        return self.sort, self.place


@dataclass
class Tally:
    """How the inputs of a door came out."""

    results: int = 0
    refusals: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def inputs(self) -> int:
        """Number of inputs tried."""
        return self.results + self.refusals + len(self.findings)


def try_door(door: Door, n_inputs: int, *, start: int = 0) -> Tally:
    """Return how `n_inputs` inputs came out; `start` numbers the batch, and the same number gives the same inputs."""
    tally, names = Tally(), door.namespace()

    @seed(start)
    @settings(
        max_examples=n_inputs,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(call=calls(door))
    def explore(call: Call) -> None:
        outcome = judged(call, names)
        if isinstance(outcome, Finding):
            tally.findings.append(outcome)
        elif outcome == "result":
            tally.results += 1
        else:
            tally.refusals += 1

    explore()
    return tally


def judged(call: Call, names: dict[str, Any]) -> str | Finding:
    """Return "result", "refusal" or what is wrong with the outcome of a call."""
    line = str(call)
    finding = _finder(line)
    scope = dict(names)
    with warnings.catch_warnings(record=True):  # of making the input itself
        warnings.simplefilter("always")
        try:
            function = eval(call.door.text, scope)
            arguments = {name: eval(each.brought, scope) for name, each in call.arguments.items()}
        except Exception:  # noqa: BLE001 (the words cannot make this one, such as dates of text)
            return "refusal"
    before = {name: value.tobytes() for name, value in arguments.items() if _plain_array(value)}
    with warnings.catch_warnings(record=True) as caught, time_limit(TIME_LIMIT):
        warnings.simplefilter("always")
        try:
            result = function(**arguments)
            promises = list(broken_promises(result, call.door.text, function.__doc__ or ""))
        except AttnstatsError as error:
            wrong = [*unclear(error, _subjects(call.door, arguments))]
            result, refused = error, True
        except TooSlow:
            return finding("too slow", call.door.name, f"over {TIME_LIMIT:g} seconds")
        except Exception as error:  # noqa: BLE001 (what is looked for)
            return finding("foreign exception", f"{type(error).__name__} in {_origin(error)}", str(error)[:200])
        else:
            refused, wrong = getattr(result, "refused", False), promises
    stray = next(leaked(caught), None)
    if stray is not None:
        where = f"{Path(stray.filename).name}:{stray.lineno}"
        return finding(
            "leaked warning", f"{stray.category.__name__} in {call.door.name} at {where}", str(stray.message)[:200]
        )
    if any(arguments[name].tobytes() != content for name, content in before.items()):
        return finding("changed input", call.door.name, "an argument was written to")
    if wrong:
        sort = "unclear refusal" if isinstance(result, AttnstatsError) else "broken promise"
        place = _origin(result) if isinstance(result, AttnstatsError) else call.door.name
        return finding(sort, f"{wrong[0].split(':')[0]} in {place}", f"{wrong[0]}; {result}"[:300])
    if call.has_plain_twin and not isinstance(function, type):  # an object keeps its arguments as they came
        difference = _unlike_its_twin(call, scope, function, result, refused)
        if difference:
            return finding("unequal for equal values", call.door.name, difference)
    return "refusal" if refused else "result"


def _unlike_its_twin(call: Call, scope: dict[str, Any], function: Any, result: Any, refused: bool) -> str:
    """How the outcome differs from that of the plain arrays of equal values."""
    with warnings.catch_warnings(record=True), time_limit(TIME_LIMIT):
        warnings.simplefilter("always")
        plain = {name: eval(each.plain, scope) for name, each in call.arguments.items()}
        try:
            twin = function(**plain)
        except AttnstatsError as error:
            return "" if refused else f"the plain arrays are refused: {error}"[:300]
        except (Exception, TooSlow):  # noqa: BLE001 (the plain arrays are an input of their own)
            return ""
    if refused:
        return f"the plain arrays are taken, these are not: {result}"[:300]
    return "" if same(result, twin) else f"{result!r}, but {twin!r} of the plain arrays"[:300]


def _finder(line: str) -> Callable[[str, str, str], Finding]:
    return lambda sort, place, detail: Finding(sort, place, " ".join(detail.split()), line)


def _plain_array(value: object) -> bool:
    return type(value) is np.ndarray and value.dtype.kind != "O"


def _subjects(door: Door, arguments: Mapping[str, object]) -> set[str]:
    """The names that an error may speak of: the arguments, and the parameters of objects and columns of tables."""
    names = {*door.required, *door.optional, *door.more_names, "estimate"}
    names |= {name.removesuffix("s") for name in names}  # one of several
    for value in arguments.values():
        for each in value if isinstance(value, list | tuple) else [value]:
            names |= {field.name for field in fields(each)} if is_dataclass(each) else set()
        columns = getattr(value, "column_names", None) or getattr(value, "columns", ())  # of a table
        names |= set(map(str, () if columns is None else columns))
    return names


def _origin(error: BaseException) -> str:
    """The innermost place in the package that an error passed through."""
    frames = [
        each for each in traceback.extract_tb(error.__traceback__) if f"{os.sep}attnstats{os.sep}" in each.filename
    ]
    if not frames:
        return "the harness"
    last = frames[-1]
    return f"{last.filename.rpartition(f'attnstats{os.sep}')[2]}:{last.name}"


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TooSlow` in the block after so many seconds."""

    def stop(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)  # again, should it come where exceptions are swallowed
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def kinds_of(findings: list[Finding]) -> dict[tuple[str, str], tuple[int, Finding]]:
    """The findings by kind: how often, and the shortest line that shows it."""
    counts = Counter(each.kind for each in findings)
    shortest: dict[tuple[str, str], Finding] = {}
    for each in sorted(findings, key=lambda finding: len(finding.line), reverse=True):
        shortest[each.kind] = each
    return {kind: (n, shortest[kind]) for kind, n in counts.most_common()}
