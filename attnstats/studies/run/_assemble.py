"""The results frame of a study, in the order of its configuration, whatever order the cells came in."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, replace

import numpy as np
import pandas as pd

from attnstats.exceptions import ConfigError
from attnstats.frame import Row, check_frame, encode_parameters, to_frame
from attnstats.studies.config.study import StudyConfig
from attnstats.studies.findings import Outcomes, evaluate_findings
from attnstats.studies.run._cells import Cell, load_encoded
from attnstats.studies.run._labels import labels_of
from attnstats.studies.run._outcomes import Failure
from attnstats.studies.run._provenance import installed, versions
from attnstats.studies.trace_rows.analyse import TraceAnalysis


def assemble(
    config: StudyConfig, cells: Mapping[str, Cell], analyses: Mapping[str, TraceAnalysis | Failure]
) -> pd.DataFrame:
    """Return the frame of the whole study."""
    missing = Counter(cell.dataset.source for key, cell in cells.items() if key not in analyses)
    totals = Counter(cell.dataset.source for cell in cells.values())
    if len(missing) == len(totals):
        raise ConfigError(f"out: must hold all models of one data set at least; {missing.total()} are missing")
    analyses = {key: analysis for key, analysis in analyses.items() if cells[key].dataset.source not in missing}
    labels = labels_of(spec.source for spec in config.datasets)
    finished = {
        (cell.condition._replace(dataset=labels[cell.dataset.source]), cell.seed): analysis
        for key, cell in cells.items()
        if isinstance(analysis := analyses.get(key), TraceAnalysis)
    }
    rows = _run_rows(config)
    rows += [
        Row(quantity="unfinished", dataset=str(labels[name]), value=float(totals[name] - missing[name]), n=totals[name])
        for name in missing
    ]
    rows += [
        Row(
            quantity="failure",
            parameters=encode_parameters(error=failure.error),
            **{**cell.keys, "dataset": str(labels[cell.dataset.source])},
        )
        for key, cell in cells.items()
        if isinstance(failure := analyses.get(key), Failure)
    ]
    if finished:
        rows += evaluate_findings(Outcomes(finished), config, rng=np.random.default_rng(2211_07714))
    first = to_frame([replace(row, study=config.name) for row in rows])
    frames = (
        analysis.frame.assign(dataset=pd.Series(str(condition.dataset), analysis.frame.index, dtype="string"))
        for (condition, _), analysis in finished.items()
    )
    return check_frame(pd.concat([first, *frames], ignore_index=True))


def _run_rows(config: StudyConfig) -> list[Row]:
    """Rows about the run: configuration, versions, and what became of the texts."""
    rows = [Row(quantity="configuration", parameters=encode_parameters(toml=config.to_toml()))]
    rows += [
        Row(quantity="version", parameters=encode_parameters(package=name, version=number))
        for name, number in _installed().items()
    ]
    labels = labels_of(spec.source for spec in config.datasets)
    for spec in config.datasets:
        dataset, name = load_encoded(spec), str(labels[spec.source])
        source = encode_parameters(licence=dataset.licence, citation=dataset.citation)
        rows.append(Row(quantity="dataset", dataset=name, parameters=source))
        rows.append(Row(quantity="vocabulary", dataset=name, value=float(len(dataset.vocabulary)), unit="words"))
        for split, counts in dataset.counts.items():
            about = encode_parameters(split=split)
            rows += [
                Row(quantity=what, dataset=name, value=float(count), parameters=about)
                for what, count in asdict(counts).items()
            ]
    return rows


def _installed() -> dict[str, str]:
    """Return the version of Python and of each package that takes part in the numbers of the frame."""
    packages = ("attnstats", *(name for name in versions() if name != "python"), "statsmodels")
    return {"python": platform.python_version(), **{name: installed(name) for name in packages}}
