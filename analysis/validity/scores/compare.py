"""Level, coverage and power of `attnstats.scores.compare`, whole, on simulated long tables of every design.

Beside it stand, on the same tables, the tests that it refuses, and what others say of them. Run as
``python -m analysis.validity.scores.compare``; what is in the table already is not run again, so that it can be stopped
and started at any time. The peers that take long see the first tables of each setting alone.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd

from analysis.validity.scores import peers
from analysis.validity.scores.designs import Design, Folds
from analysis.validity.scores.settings import CROSSED, INDEPENDENT, settings
from analysis.validity.simulation import rates
from attnstats.exceptions import AttnstatsError
from attnstats.results import ConfidenceInterval
from attnstats.scores import Comparison, compare

ALPHA = 0.05
RESULTS = Path(__file__).parent / "results" / "compare.csv"
MEASURED = Path(__file__).parents[3] / "attnstats" / "scores" / "choice" / "measured.csv"
LEVEL, MISSES, CHOSEN = "first difference, p", "interval of the first difference misses", "was chosen"
#: Tables that are simulated at a time; the slow peers see those of the first time.
CHUNK = 250


@dataclass(frozen=True)
class CompareTrial:
    """Two tables of a design, one without differences and one with the second condition lower by a stated effect."""

    design: Design
    with_slow: bool = False

    def __call__(self, generator: np.random.Generator) -> dict[str, float]:
        """Draw the tables, compare their conditions, and look what holds; nothing where something is refused."""
        design = self.design
        null = design.draw(generator, n_conditions=design.n_conditions)
        shifted = design.draw(generator, n_conditions=2, effect=design.effect)
        found = {f"{name}: {LEVEL}": peers.said(peer, null) for name, peer in self._peers()}
        try:
            found |= self._without_difference(self._compared(null))
            found |= self._with_difference(self._compared(shifted, margin=design.effect))
        except AttnstatsError:
            found[CHOSEN] = 0.0
        return {name: outcome for name, outcome in found.items() if not np.isnan(outcome)}

    def _compared(self, table: pd.DataFrame, margin: float | None = None) -> Comparison:
        columns, paired = dict(self.design.columns), self.design.declared
        return compare(table, value="score", condition="model", margin=margin, paired=paired, rng=0, **columns)

    def _without_difference(self, comparison: Comparison) -> dict[str, float]:
        """Return what was said though there is nothing."""
        first, k = comparison.differences[0], len(comparison.placings)
        found = {
            CHOSEN: comparison.choices[0].answer.startswith(self.design.answer),
            LEVEL: first.pvalue < ALPHA,
            MISSES: _misses(first.interval, 0.0),
            "interval of a mean misses": _misses(comparison.estimates[0].interval, self.design.mean),
            "the set that may be best misses": not comparison.placings[0].may_be_best,
        }
        if k > 2:
            found["any difference, adjusted p"] = any(each.adjusted_pvalue < ALPHA for each in comparison.differences)
            found["any rank interval misses"] = any(each.low > 1 or each.high < k for each in comparison.placings)
        if comparison.by_dataset:
            mean, ranks = comparison.across_datasets[0].mean, comparison.ranks_over_datasets
            found["first difference in one data set, p"] = comparison.by_dataset[0].pvalue < ALPHA
            found["mean over other data sets misses"] = _misses(None if mean is None else mean.interval(1 - ALPHA), 0.0)
            found["better in some data set"] = comparison.across_datasets[0].better_in > 0
            found["Friedman"] = np.nan if ranks is None else ranks.friedman.pvalue <= ALPHA
        return found

    def _with_difference(self, comparison: Comparison) -> dict[str, float]:
        """Return what was said of the effect, which is the margin too."""
        (difference,) = comparison.differences
        found: dict[str, float] = {"the effect is found": difference.pvalue < ALPHA}
        if isinstance(self.design, Folds):  # whose true difference is not known
            return found
        assert difference.margin is not None
        found["equivalent at the margin"] = difference.margin.equivalence < ALPHA
        found["interval of the effect misses"] = _misses(difference.interval, self.design.effect)
        return found

    def _peers(self) -> Iterator[tuple[str, peers.Peer]]:
        """Return those that take tables of this design."""
        design = self.design
        small = design.n_conditions == 2 and self.with_slow and not getattr(design, "missing", 0)
        if design.analysis in (CROSSED, INDEPENDENT):
            paired = design.analysis == CROSSED
            if design.n_datasets > 1:
                return
            yield "NaiveT", peers.naive_t if paired else peers.independent_t
            yield "UnitMeansT", peers.unit_means_t if paired else peers.independent_unit_means_t
            if small and paired and design.n_units * design.n_items <= 2_000:
                yield "autorank", peers.autorank_of(["run", "item"])
            if small and paired and design.n_items <= 50 and design.effects == "both vary":
                yield "scikit-posthocs", peers.posthoc_t
                yield "MixedLM", peers.mixed_lm
        elif design.analysis == "ClusterRobust":
            yield "ClustersIgnored", peers.independent_t if design.own_items else peers.clusters_ignored
        elif design.analysis == "CorrectedT":
            yield "NaiveFolds", peers.naive_t
            if small:
                yield "autorank", peers.autorank_of(["repetition", "fold"])
        elif design.analysis == "PairedT" and small and design.n_units > 1 and "item" not in design.columns.values():
            yield "autorank", peers.autorank_of(list(design.columns.values()))


def simulate(
    *,
    n_simulations: int,
    rng: int = 0,
    n_jobs: int | None = None,
    chosen: Sequence[Design] | None = None,
    with_slow: bool = True,
) -> pd.DataFrame:
    """Measure how often the whole call errs in every setting, and what it refuses."""
    table = pd.DataFrame()
    for design in settings() if chosen is None else chosen:
        for start in range(0, n_simulations, CHUNK):
            trial = CompareTrial(design, with_slow and start == 0)
            n = min(CHUNK, n_simulations - start)
            table = _joined(table, _chunk(trial, start // CHUNK, n, rng, n_jobs))
    return table


def measured(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the package tells of an analysis: the setting of each size in which it errs most often."""
    sizes = ["estimator", "n_units", "n_items"]
    level, misses = (table[table["procedure"] == each].set_index(["estimator", "setting"]) for each in (LEVEL, MISSES))
    found = level.assign(coverage=(1 - misses["rate"]).round(4)).reset_index()
    found = found.sort_values("rate", ascending=False, kind="stable").drop_duplicates(sizes).sort_values(sizes)
    found = found.rename(columns={"estimator": "analysis", "rate": "level"})
    return found[["analysis", "n_units", "n_items", "setting", "level", "coverage", "n_simulations"]]


def _misses(interval: ConfidenceInterval | None, truth: float) -> float:
    """Return whether an interval misses; NaN where there is none."""
    return np.nan if interval is None else float(truth not in interval)


def _chunk(trial: CompareTrial, chunk: int, n: int, rng: int, n_jobs: int | None) -> pd.DataFrame:
    """Return the rates in some tables of one setting, which are the same whatever was simulated before."""
    design = trial.design
    seed = np.random.default_rng([rng, crc32(design.setting.encode()), chunk])
    found = rates([({}, trial, ALPHA)], n_simulations=n, rng=seed, n_jobs=n_jobs)
    named = found["procedure"].str.rpartition(": ")
    units, items = design.counted
    return pd.DataFrame(
        {
            "estimator": named[0].where(named[0] != "", design.analysis),
            "setting": design.setting,
            "n_units": units,
            "n_items": pd.array([items] * len(found), dtype="Int64"),
            "stated_effect": design.effect,
            "procedure": named[2],
            "nominal": np.where(found["procedure"] == CHOSEN, 1.0, ALPHA),
            "rate": found["rate"],
            "mc_error": found["mc_error"],
            "n_simulations": found["n_simulations"],
        }
    )


def _joined(table: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    """Return two tables with the rates of equal rows joined."""
    both = pd.concat([table, more], ignore_index=True)
    both = both[both["n_simulations"] > 0]
    keys = [column for column in both if column not in ("rate", "mc_error", "n_simulations")]
    both["hits"] = (both["rate"] * both["n_simulations"]).round()
    joined = both.groupby(keys, sort=False, dropna=False, as_index=False)[["hits", "n_simulations"]].sum()
    rate = joined.pop("hits") / joined["n_simulations"]
    joined.insert(len(keys), "rate", rate.round(4))
    joined.insert(len(keys) + 1, "mc_error", np.sqrt(rate * (1 - rate) / joined["n_simulations"]).round(4))
    return joined


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    order = {design.setting: place for place, design in enumerate(settings())}
    return table.sort_values("setting", key=lambda column: column.map(order), kind="stable")


def main() -> None:
    """Go on with the table until every setting has the wanted number of simulations, all settings in turn."""
    parser = argparse.ArgumentParser(prog="python -m analysis.validity.scores.compare", description=simulate.__doc__)
    parser.add_argument("--n-simulations", type=int, default=2_000)
    parser.add_argument("--n-jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    RESULTS.parent.mkdir(exist_ok=True)
    table = pd.read_csv(RESULTS, dtype={"n_items": "Int64"}) if RESULTS.exists() else pd.DataFrame()
    for chunk in range(-(-arguments.n_simulations // CHUNK)):
        for design in settings():
            done = table[(table["setting"] == design.setting) & (table["procedure"] == CHOSEN)] if len(table) else table
            if len(done) and done["n_simulations"].item() > chunk * CHUNK:
                continue
            trial = CompareTrial(design, with_slow=chunk == 0)
            table = _in_order(_joined(table, _chunk(trial, chunk, CHUNK, arguments.seed, arguments.n_jobs)))
            table.to_csv(RESULTS, index=False, lineterminator="\n")
            measured(table).to_csv(MEASURED, index=False, lineterminator="\n")
            print(f"{(chunk + 1) * CHUNK}: {design.setting}", flush=True)


if __name__ == "__main__":
    main()
