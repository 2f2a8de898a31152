"""The table of interventions on heads: one row for each comparison, with the numbers of the tests."""

import numpy as np
import pytest

from attnstats.ablation import OutputChange
from attnstats.adapters import IntervenedHeads, UniformWeights, ZeroedOutput
from attnstats.exceptions import FrameError
from attnstats.frame import Row, to_frame
from attnstats.report import head_ablation_table, head_table, render_page, verdict_table, write_report
from attnstats.studies import head_ablation_test


@pytest.fixture(scope="module")
def intervened():
    rng = np.random.default_rng(0)
    intact = rng.dirichlet([5, 1], size=40)
    heads = (((0, 0),), ((0, 1),), ((1, 0), (1, 1)))
    output = np.clip(intact + rng.normal(0.02, 0.05, (2, 3, 40, 1)) * [-1, 1], 0.01, 0.99)
    output[1, 0] = intact  # changes no text
    output /= output.sum(axis=-1, keepdims=True)
    return IntervenedHeads(
        interventions=(ZeroedOutput(), UniformWeights()), heads=heads, texts=tuple(map(str, range(40))), labels=None,
        intact=intact, output=output, metadata={},
    )  # fmt: skip


@pytest.fixture(scope="module")
def ablation(intervened):
    return head_ablation_test(intervened, rng=0)


def test_each_comparison_stands_once_with_its_own_numbers(ablation):
    table = head_ablation_table(ablation.to_frame())
    assert table.text[["Intervention", "Layer", "Head"]].to_numpy().tolist() == [
        ["zeroed", "0", "0"], ["zeroed", "0", "1"], ["zeroed", "1", "1.0 1.1"],
        ["uniform", "0", "0"], ["uniform", "0", "1"], ["uniform", "1", "1.0 1.1"],
    ]  # fmt: skip
    assert set(table.text["Outcome"]) == {"fall of predicted probability"}
    assert table.text["Effect [95 % CI]"][3] == "not tested"
    tested = table.data[table.data["pvalue_adjusted"].notna()]
    np.testing.assert_allclose(tested["value"], [result.effect for result in ablation.tests.results])
    np.testing.assert_allclose(tested["pvalue_adjusted"], ablation.tests.pvalues_adjusted)
    np.testing.assert_allclose(tested["value"], ablation.effects[0][ablation.tested].mean(axis=-1))


def test_a_change_says_its_margin(intervened):
    table = head_ablation_table(head_ablation_test(intervened, OutputChange(), margin=0.01, rng=0).to_frame())
    assert set(table.text["Outcome"]) == {"total variation, against 0.01"}


def test_other_frames_have_none_and_these_no_verdict(ablation):
    frame = ablation.to_frame()
    assert len(head_table(frame)) == len(verdict_table(frame)) == 0
    assert len(head_ablation_table(to_frame([Row(quantity="accuracy", value=0.7, seed=0)]))) == 0


def test_their_page_is_that_of_heads(ablation, tmp_path):
    page = write_report(ablation.to_frame(), tmp_path).read_text(encoding="utf-8")
    assert "3 layers and heads." in page
    assert "Interventions on heads" in page
    assert "no declared hypothesis" not in page
    assert "Not drawn" not in page
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == ["heads.png", "heads.svg"]
    assert {path.stem for path in (tmp_path / "tables").iterdir()} == {"head_ablations"}


def test_an_empty_frame_has_no_page(tmp_path):
    empty = to_frame([Row(quantity="accuracy", value=0.7)]).iloc[:0]
    for make in (render_page, lambda frame: write_report(frame, tmp_path / "page")):
        with pytest.raises(FrameError, match="frame: must hold rows"):
            make(empty)
    assert not (tmp_path / "page").exists()
