"""Verbs at a million rows stay below two GiB, data and imports among it."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

SCALE = Path(__file__).parents[1] / "analysis" / "benchmarks" / "reliability" / "scale.py"
LIMIT = 2048  # MiB
QUICK = ("KSG, 1 + 1 columns", "Ross, 1 column and 2 classes", "Binned, 1 + 1 columns", "kendall", "spearman")


@pytest.fixture(scope="module")
def scale():
    spec = importlib.util.spec_from_file_location("scale", SCALE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("case", QUICK)
def test_a_million_rows_fit(scale, case):
    assert scale.measured(case, 1_000_000)["peak_mib"] < LIMIT


def test_the_table_has_every_case_and_keeps_the_limit(scale):
    table = pd.read_csv(SCALE.parent / "results" / "scale.csv")
    asked = {(name, n) for name, (_, sizes) in scale.CASES.items() for n in sizes}
    assert set(zip(table["case"], table["n"], strict=True)) == asked
    assert table["peak_mib"].max() < LIMIT
