"""How often does the note of a finding say which claim hangs on the training, where one does and where none does?

Studies are those of `findings_calibration`, under two or three trainings of which the first decides. A claim holds
under *every* training, under the *first only*, under the *others only* or under *none*; where it does not hold, it is
as near to holding as it can be. For i, iii and iv all primary claims change together. For ii one control becomes as
good as the trained attention. For v the interaction changes and the lead stays, or another combination becomes as good.

- *supported*: the claim is, under the first training. *supported, not named*: it is, and the note is silent about it.
- *named*: the note says that its verdict or its effect is another one under another training. *said to hang on the
  training*: it says besides that the effect differs, which the guard must show. *guard*: that guard, a quasi-F test.

Rows of "the finding" are about its verdict, and about a note that names any of these claims. Rows are added to the
table as they come; settings that are there are not simulated again. Run as
``python -m analysis.validity.studies.findings_trainings --n-simulations 200``.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.validity.simulation import rates
from analysis.validity.studies.findings_calibration import (
    ALPHA,
    NEAR_TIES,
    SHARE_SD,
    SHIFTS,
    TEMPERATURES,
    TEXT_SD,
    Study,
    config,
)
from attnstats._files import write_atomically
from attnstats.frame import Row
from attnstats.studies import Component
from attnstats.studies.config._condition import Condition
from attnstats.studies.findings import evaluate_findings
from tests.studies.fabricated import no_shift

RESULTS = Path(__file__).parent / "results" / "findings_trainings.csv"
TRAININGS = tuple(Component(name) for name in ("standard", "early", "long"))
#: What is simulated: how many trainings, and under which of them the claims hold.
SETTINGS = ((2, "first only"), (2, "every"), (2, "others only"), (2, "none"), (3, "first only"), (3, "every"))
WHOLE = "the finding"


@dataclass(frozen=True)
class Case:
    """Claims of a finding that hang on the training together, and what is built where they do not hold."""

    changing: str
    claims: tuple[str, ...]
    otherwise: str

    @property
    def finding(self) -> str:
        """The finding that the claims belong to."""
        return self.claims[0].partition(".")[0]


CASES = (
    Case("all of i", ("i.additive", "i.deep"), "all null"),
    Case("all of ii", ("ii.every_control",), "first claim null"),
    Case("all of iii", ("iii.chance", "iii.noise"), "all null"),
    Case(
        "all of iv", ("iv.trend", *(f"iv.gumbel_softmax(temperature={each})" for each in TEMPERATURES[:2])), "all null"
    ),
    Case("interaction of v", ("v.interaction",), "first claim null"),
    Case("lead of v", ("v.best",), "second claim null"),
)


@dataclass(frozen=True, kw_only=True)
class TrainedStudy(Study):
    """Outcomes of a fabricated study whose near ties differ between trainings."""

    concordances: Mapping[str, tuple[float, float]]

    def _cell(
        self,
        condition: Condition,
        means: dict[str, NDArray[np.float64]],
        shared: dict[str, NDArray[np.float64]],
        scores: NDArray[np.float64],
        rng: np.random.Generator,
    ) -> tuple[pd.DataFrame, NDArray[np.float32]]:
        near, reference = self.concordances[condition.training]
        return Study._cell(replace(self, near=near, near_reference=reference), condition, means, shared, scores, rng)


@dataclass(frozen=True)
class TrainingsTrial:
    """A study under several trainings, under some of which the claims of a case hold."""

    case: Case
    n_trainings: int
    holds: str

    def __call__(self, generator: np.random.Generator) -> dict[str, float]:
        """Draw the study, decide, and read the note."""
        finding = self.case.finding
        settings = replace(config(finding), trainings=TRAININGS[: self.n_trainings])
        first, *others = (each.name for each in settings.trainings)
        holding = {"every": [first, *others], "first only": [first], "others only": others, "none": []}[self.holds]
        truths = {name: "true" if name in holding else self.case.otherwise for name in (first, *others)}
        near = finding == "iii"
        means = {name: no_shift if near else SHIFTS[finding](truth) for name, truth in truths.items()}
        concordances = {name: NEAR_TIES[truth] if near else (0.5, 0.5) for name, truth in truths.items()}
        texts = generator.spawn(1)[0]

        def shift(outcome: str, condition: Condition) -> float | NDArray[np.float64]:
            if outcome == "stability":
                return 0.0
            own = TEXT_SD * texts.normal(size=Study.n_examples)
            return means[condition.training](outcome, condition) + own

        study = TrainedStudy(shift=shift, concordances=concordances, share_sd=SHARE_SD if near else 0.0)
        rows = evaluate_findings(study.outcomes(settings, rng=generator), settings, rng=generator)
        return said_of(self.case, rows)


def said_of(case: Case, rows: list[Row]) -> dict[str, float]:
    """Return what the rows of a finding say of each claim of a case, and of the finding."""
    about = [(row, json.loads(row.parameters or "{}")) for row in rows]
    verdicts = {each["hypothesis"]: row.verdict for row, each in about if row.quantity == "contrast"}
    ((whole, summary),) = [each for each in about if each[0].quantity == "finding"]
    found, sentences = {}, summary["note"].split(". ")
    for claim in (*case.claims, WHOLE):
        names = case.claims if claim == WHOLE else (claim,)
        own = [each for each in sentences if each.startswith(tuple(f"{name} " for name in names))]
        supported = (whole.verdict if claim == WHOLE else verdicts[claim]) == "supported"
        said = {
            "supported": supported,
            "supported, not named": supported and not own,
            "named": bool(own),
            "said to hang on the training": any("not shown" not in each for each in own),
        }
        if claim != WHOLE:
            said["guard"] = verdicts[f"{claim}.trainings"] == "supported"
        found |= {f"{claim}: {what}": float(value) for what, value in said.items()}
    return found


def trials() -> list[tuple[dict[str, object], TrainingsTrial, float]]:
    """Return every setting with its trial."""
    return [
        ({"changing": case.changing, "trainings": n, "holds": holds}, TrainingsTrial(case, n, holds), ALPHA)
        for n, holds in SETTINGS
        for case in CASES
    ]


def simulate(
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    chosen: list[tuple[dict[str, object], TrainingsTrial, float]] | None = None,
) -> pd.DataFrame:
    """Measure how often claims are supported, and named in the note; a nominal rate stands where that is an error."""
    table = rates(trials() if chosen is None else chosen, n_simulations=n_simulations, rng=rng, n_jobs=n_jobs)
    said = table["procedure"].str.split(": ", expand=True)
    changes, first = table["holds"].str.contains("only"), table["holds"].isin(["every", "first only"])
    silent, on_support = said[1] == "supported, not named", said[1] == "supported"
    of_effects = said[1].isin(["guard", "said to hang on the training"])
    error = (on_support & ~first) | (silent & changes) | (of_effects & ~changes)
    table = table.assign(procedure=said[1], nominal=table["nominal"].where(error))
    table.insert(list(table.columns).index("procedure"), "claim", said[0])
    return table


def main() -> None:
    """Simulate the settings that are not in the table yet, and add the rows of each to it."""
    parser = argparse.ArgumentParser(description=simulate.__doc__)
    parser.add_argument("--n-simulations", type=int, default=200)
    parser.add_argument("--n-jobs", type=int, default=1)
    options = parser.parse_args()
    for number, each in enumerate(trials()):
        table = pd.read_csv(RESULTS) if RESULTS.exists() else None
        if table is not None and (table[list(each[0])] == pd.Series(each[0])).all(axis=1).any():
            continue
        found = simulate(n_simulations=options.n_simulations, rng=number, n_jobs=options.n_jobs, chosen=[each])
        found = found.round({"rate": 4, "mc_error": 4})
        print(found.to_string(index=False), flush=True)
        table = found if table is None else pd.concat([table, found])
        write_atomically(RESULTS, table.to_csv(index=False, lineterminator="\n").encode())


if __name__ == "__main__":
    main()
