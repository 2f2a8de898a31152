"""The page of agreement with human marks shows the committed table, and the table holds what it should."""

import runpy
from pathlib import Path

import pandas as pd
import pytest

from attnstats.datasets import load_yelp_hat
from attnstats.plausibility import TokenF1, crowd_ceiling, human_ceiling
from tests.datasets.marks.conftest import FOLDER

SCRIPT = Path(__file__).parents[2] / "analysis" / "plausibility_ceiling.py"


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(SCRIPT))


def test_the_page_shows_the_committed_table(script):
    page = script["PAGE"].read_text(encoding="utf-8")
    shown = page.partition(script["BEGIN"])[2].partition(script["END"])[0]
    assert shown.strip() == script["rendered"](pd.read_csv(script["RESULTS"]))


def test_people_agree_more_than_chance_and_less_than_the_crowd(script):
    table = pd.read_csv(script["RESULTS"]).set_index(["part", "measure", "explanation", "against"])["mean"].sort_index()
    for part in ("yelp_hat, 50 words", "yelp_hat, 100 words", "yelp_hat"):
        for measure in ("average precision", "token F1", "IOU F1"):
            found = table.loc[part, measure]
            person = found["one annotator", "each annotator but one in turn"]
            for null in ("random tokens", "random spans"):
                chance = found[null, "each annotator but one in turn"]
                less = found[f"one annotator less {null}", "each annotator but one in turn"]
                assert less == pytest.approx(person - chance, abs=2e-5)
                assert less > 0
            assert found["the others", "each annotator"] > person


def test_the_real_files_give_the_committed_numbers(script):
    if not FOLDER.is_dir():
        pytest.skip(f"the files of human marks are not in {FOLDER}")
    marks = load_yelp_hat(FOLDER / "yelp_hat_50.jsonl.gz")
    table = pd.read_csv(script["RESULTS"]).set_index(["part", "explanation", "against", "measure"]).sort_index()
    for found in (human_ceiling(marks, TokenF1()), crowd_ceiling(marks, TokenF1())):
        row = script["row"]("yelp_hat, 50 words", found)
        committed = table.loc[row["part"], row["explanation"], row["against"], row["measure"]]
        numbers = ["n_texts", "undefined", "mean", "low", "high"]
        assert [row[each] for each in numbers] == pytest.approx(committed[numbers].tolist())
