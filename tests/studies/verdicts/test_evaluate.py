"""Verdicts on what others trained: those of the study, whatever form the models come in, or what is missing."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fabricated import Fabrication, gumbel, study, together, when
from scipy import stats

from attnstats.ablation import Dirichlet, Permuted, Uniform
from attnstats.exceptions import ConstantInputError, FrameError, InvalidInputError, TraceError, UnknownNameError
from attnstats.frame import parameter, read_frame, to_frame, write_frame
from attnstats.report import print_verdicts, tell_findings, verdict_table
from attnstats.studies import Component, Evaluation, Grid, Inference, StudyConfig, analyse_trace, evaluate
from attnstats.studies.findings import evaluate_findings
from attnstats.studies.verdicts import _evaluate as evaluate_module
from attnstats.trace import AttentionTrace, TransformerTrace, Words

RESULTS = Path(__file__).parents[3] / "analysis" / "results" / "full.parquet"
SHARED = {"dataset": "toy", "encoder": "toy", "normalizer": "softmax"}
FEW = Inference(minimum_seeds=4, n_resamples=199)


def cells(outcomes):
    return list(outcomes._cells.values())


def decided(frame):
    """Verdict, effect, p-value and interval of each claim."""
    rows = frame[frame["quantity"] == "contrast"]
    columns = ["verdict", "value", "pvalue", "pvalue_adjusted", "ci_low", "ci_high", "ci_method"]
    return rows.set_index(parameter(rows, "hypothesis"))[columns]


def verdicts(evaluation):
    return {name: evaluation.verdict(name) for name in ("i", "ii", "iii", "iv", "v")}


def trained(seed, attention, looks, n_texts=120, **metadata):
    """A model whose token 2 knows the output, and whose attention looks at it as much as it is told to."""
    rng = np.random.default_rng([seed, looks])
    output = np.random.default_rng(0).integers(0, 2, size=n_texts)
    told = np.arange(8) == 2
    hidden = rng.normal(size=(n_texts, 8, 3)) + 3 * (output[:, np.newaxis, np.newaxis] - 0.5) * told[:, np.newaxis]
    trace = AttentionTrace.from_arrays(
        attention=rng.dirichlet(1 + looks * told, size=n_texts), hidden=hidden, output=output, label=output, seed=seed
    )
    return trace.with_metadata({"attention": attention, **metadata})


@pytest.fixture(scope="module")
def traces():
    """Five seeds, the fewest that can reach .05 by signs, of two conditions with names of their own."""
    return [trained(seed, *kind) for seed in range(5) for kind in (("mine", 9), ("dot", 0))]


@pytest.mark.slow
def test_the_verdicts_are_those_of_the_study():
    config = study(inference=Inference(n_resamples=199))
    shift = together(
        when(0.1, "information", attention=("deep",)),
        when(0.15, "gini", normalizer=("gumbel_softmax",)),
        when(-0.2, "tau_b", attention=("scaled_dot_product",)),
    )
    outcomes = Fabrication(shift=shift, rows=True).outcomes(config)
    expected = to_frame(evaluate_findings(outcomes, config, rng=3))
    found = evaluate(cells(outcomes), inference=config.inference, margins=config.margins, rng=3)
    pd.testing.assert_frame_equal(found.to_frame().iloc[: len(expected)], expected)
    assert found.verdict("i") == "negligible"
    measured = pd.concat([cell.frame for cell in cells(outcomes)], ignore_index=True)
    pd.testing.assert_frame_equal(found.to_frame().iloc[len(expected) :].reset_index(drop=True), measured)


@pytest.mark.slow
def test_a_frame_of_the_full_study_gives_its_effects_tests_and_verdicts():
    frame = read_frame(RESULTS)
    config = StudyConfig.from_toml(json.loads(frame.query("quantity == 'configuration'").parameters.iloc[0])["toml"])
    standard = frame[frame["training"] == "standard"]
    found = evaluate(standard, inference=config.inference, margins=config.margins, rng=2211_07714)
    own, committed = decided(found.to_frame()), decided(frame).loc[lambda rows: ~rows.index.str.endswith(".trainings")]
    left_out = committed.index.difference(own.index)
    assert set(left_out) == {  # what means over texts cannot tell
        "iii.chance.elsewhere", "iii.noise.elsewhere", "v.interaction", "v.best", "v.confirmed", "v.ranks",
        "iv.gumbel_softmax(temperature=0.5).stability", "iv.gumbel_softmax(temperature=0.25).stability",
    }  # fmt: skip
    committed = committed.drop(index=left_out)
    assert len(own) == len(committed) > 35
    # Where tau-b of some text is undefined for one of two conditions, means differ from those over the texts of both.
    np.testing.assert_allclose(own["value"], committed["value"], atol=1e-4)
    np.testing.assert_allclose(own["pvalue"], committed["pvalue"], atol=1e-6)
    same = own["verdict"] == committed["verdict"]
    # The interval of the study, for other texts too, is wider: an effect inside the margin lies below zero here.
    assert set(own.index[~same]) == {"i.deep", "ii.specific.random_scorer"}
    assert (own.loc["i.deep", "verdict"], committed.loc["i.deep", "verdict"]) == ("contradicted", "negligible")
    stated = frame[frame["quantity"] == "finding"].set_index("finding")["verdict"].to_dict()
    assert verdicts(found) == {**stated, "i": "contradicted", "v": "not evaluated"}
    assert "(v) not evaluated\n  missing: tau_b of every text; a frame holds means over texts" in found.summary()
    assert "it is about other trainings, on these texts" in found.summary()


@pytest.mark.slow
def test_means_over_texts_give_the_interval_over_seeds():
    config = study(inference=Inference(findings=("i", "iv"), n_resamples=199), temperatures=(0.5,))
    outcomes = Fabrication(shift=when(0.1, "information", attention=("deep",)), rows=True).outcomes(config)
    by_text = evaluate(cells(outcomes), inference=config.inference, rng=0)
    frame = pd.concat([cell.frame for cell in cells(outcomes)], ignore_index=True)
    of_means = evaluate(frame, inference=config.inference, rng=0)
    one, other = decided(by_text.to_frame()), decided(of_means.to_frame())
    np.testing.assert_allclose(other.loc["i.deep", ["value", "pvalue"]], one.loc["i.deep", ["value", "pvalue"]])
    assert other.loc["i.deep", "ci_method"] != one.loc["i.deep", "ci_method"]
    assert "over examples" not in other.loc["i.deep", "ci_method"]
    means = frame[(frame.quantity == "mi_normalised_mean") & (frame.view == "rank") & (frame.output == "class")]
    means = means[(means.estimator == "Probe()") & (means.normalizer == "softmax")]
    pairs = means.pivot_table(index=["dataset", "encoder", "seed"], columns="attention", values="value")
    differences = (pairs["deep"] - pairs["scaled_dot_product"]).to_numpy().reshape(4, 8)
    squares = differences.var(axis=1, ddof=1) / 8  # four strata of eight seeds
    quantile = stats.t.ppf(0.975, squares.sum() ** 2 / (squares**2 / 7).sum())  # Satterthwaite's degrees of freedom
    half = (other.loc["i.deep", "ci_high"] - other.loc["i.deep", "ci_low"]) / 2
    assert half == pytest.approx(quantile * np.sqrt(squares.sum()) / 4)


@pytest.mark.slow
def test_traces_with_names_of_their_own_play_roles(traces, tmp_path):
    options = {"roles": {"mine": "additive", "dot": "scaled_dot_product"}, "shared": SHARED, "inference": FEW}
    found = evaluate(traces, rng=1, **options)
    assert verdicts(found)["i"] == "supported"
    assert verdicts(found)["ii"] == "supported"
    assert {verdicts(found)[name] for name in ("iv", "v")} == {"not evaluated"}
    said = found.summary().splitlines()
    assert said[0] == "10 models of 5 seeds: dataset toy; encoder toy; attention additive, scaled_dot_product; " \
        "normalizer softmax"  # fmt: skip
    assert said[said.index("(iv) not evaluated") + 1].startswith("  missing: gumbel_softmax with a temperature below")
    assert said[said.index("(v) not evaluated") + 1] == "  missing: two encoders and two attentions under softmax"
    assert "    shuffled labels: tau_b under the ablation shuffled_labels" in said
    assert said[-2].startswith("An ablation is measured with the model, by analyse_trace(trace, ablations=")
    assert all(len(line) <= 100 for line in said[1:])
    assert repr(found) == found.summary()
    # Each is analysed as by hand, with a stream of its own.
    streams = np.random.default_rng(1).spawn(len(traces))
    controls = (Permuted(), Uniform(), Dirichlet())
    by_hand = [
        analyse_trace(trace.with_metadata(SHARED), ablations=controls, rng=stream)
        for trace, stream in zip(traces, streams, strict=True)
    ]
    kept = found.to_frame()
    rows = pd.concat([each.frame for each in by_hand], ignore_index=True)
    np.testing.assert_array_equal(kept[kept["seed"].notna()]["value"].to_numpy(), rows["value"].to_numpy())
    assert {"ii.additive.permuted", "ii.additive.uniform"} < set(decided(kept).index)
    for number, trace in enumerate(traces):
        trace.save(tmp_path / str(number))
    stored = evaluate([tmp_path / str(number) for number in range(10)], rng=1, **options)
    pd.testing.assert_frame_equal(stored.to_frame(), kept)
    parallel = evaluate(traces, rng=1, n_jobs=2, **options)
    pd.testing.assert_frame_equal(parallel.to_frame(), kept)


@pytest.mark.slow
def test_a_mapping_names_the_attention_and_models_count_in_order(traces, tmp_path):
    for number, trace in enumerate(traces):
        arrays = {"attention": trace.attention, "hidden": trace.hidden, "output": trace.output}
        np.savez(tmp_path / f"{number}.npz", **arrays)
    groups = {"additive": traces[::2], "scaled_dot_product": traces[1::2]}
    options = {"shared": SHARED, "inference": replace(FEW, findings=("i",)), "rng": 1}
    one = evaluate(groups, **options)
    paths = {name: [tmp_path / f"{number}.npz" for number in range(place, 10, 2)] for place, name in enumerate(groups)}
    other = evaluate(paths, **options)
    assert one.verdict("i") == other.verdict("i") == "supported"
    assert set(other.to_frame()["seed"].dropna()) == {0, 1, 2, 3, 4}


@pytest.mark.slow
@pytest.mark.parametrize("road", ["pandas", "csv", "objects", "few columns"])
def test_frames_that_went_through_pandas_are_taken(road, tmp_path):
    config = study(inference=Inference(findings=("i", "iii"), n_resamples=199), datasets=("reviews",))
    frame = pd.concat([cell.frame for cell in cells(Fabrication(rows=True).outcomes(config))], ignore_index=True)
    expected = decided(evaluate(frame, inference=config.inference, rng=0).to_frame())
    write_frame(frame, tmp_path / "frame.csv")
    if road == "pandas":
        changed = pd.read_csv(tmp_path / "frame.csv")
        assert changed["seed"].dtype == np.int64
    elif road == "csv":
        changed = tmp_path
    elif road == "objects":
        changed = frame.astype(object).assign(seed=frame["seed"].astype(str))
    else:
        needed = ["dataset", "encoder", "attention", "normalizer", "seed", "quantity", "view", "output", "estimator"]
        changed = frame[[*needed, "parameters", "value", "n"]].astype({"seed": float})
    found = decided(evaluate(changed, inference=config.inference, rng=0).to_frame())
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.slow
def test_the_report_tells_the_frame():
    config = study(inference=Inference(n_resamples=199), datasets=("reviews",))
    frame = evaluate(cells(Fabrication(rows=True).outcomes(config)), inference=config.inference, rng=0).to_frame()
    assert [told.name for told in tell_findings(frame)] == ["i", "ii", "iii", "iv", "v"]
    assert len(verdict_table(frame).text) > 10
    print_verdicts(frame)


@pytest.mark.slow
def test_a_training_that_collapsed_is_left_out_and_named(traces):
    wrong = replace(traces[0], output=np.zeros(120, dtype=np.int64))
    options = {"roles": {"mine": "additive"}, "shared": SHARED, "inference": FEW, "rng": 0}
    found = evaluate([wrong, *traces[1:]], **options)
    failures = found.to_frame().query("quantity == 'failure'")
    assert failures["seed"].tolist() == [0]
    assert "must hold at least two predicted classes" in failures["parameters"].iloc[0]
    said = " ".join(found.summary().split())
    assert "could not be analysed: models[0]: output: must hold at least two predicted classes" in said
    claims = found.to_frame().query("quantity == 'contrast' and family == 'ii.every_control'")
    assert claims["n_seeds"].tolist() == [4]
    with pytest.raises(ConstantInputError, match="at least two predicted classes"):
        evaluate(wrong, **options)


def test_too_few_seeds_are_told():
    config = study(inference=FEW, seeds=4)
    found = evaluate(cells(Fabrication(rows=True).outcomes(config)), rng=0)
    assert set(verdicts(found).values()) == {"not evaluated"}
    needed = "8 seeds that finished under every condition (inference.minimum_seeds), not 4"
    assert f"(i) not evaluated\n  missing: {needed}\n" in found.summary()


def test_other_parts_of_the_architecture_play_roles_too():
    outcomes = Fabrication(shift=when(0.2, "gini", normalizer=("gumbel_softmax",))).outcomes(
        study(
            inference=Inference(n_resamples=199),
            datasets=("reviews",),
            architectures=[Grid(["mlp"], ["additive"], [Component("softmax"), gumbel(0.5)])],
        )
    )
    frames = [
        replace(cell, frame=cell.frame.replace({"normalizer": {"gumbel_softmax(temperature=0.5)": "sharp"}}))
        for cell in cells(outcomes)
    ]
    inference = Inference(findings=("iv",), n_resamples=199)
    assert evaluate(frames, inference=inference, rng=0).verdict("iv") == "not evaluated"
    found = evaluate(frames, roles={"sharp": "gumbel_softmax(temperature=0.5)"}, inference=inference, rng=0)
    assert found.verdict("iv") == "supported"
    assert set(found.to_frame()["normalizer"].dropna()) == {"softmax", "gumbel_softmax(temperature=0.5)"}
    assert (
        '"sharp": "gumbel_softmax(temperature=0.5)"'
        in found.to_frame().query("quantity == 'metadata'").iloc[0].parameters
    )


def test_what_does_not_fit_is_refused(traces, tmp_path):
    shared = {"shared": SHARED, "inference": FEW}
    transformer = TransformerTrace({}, (0,), (0, 1), (), Words(), {})
    with pytest.raises(InvalidInputError, match=r"models: must hold at least one; got none"):
        evaluate([])
    with pytest.raises(InvalidInputError, match=r"models\[0\]: must be a trace.* got int"):
        evaluate([3])
    with pytest.raises(InvalidInputError, match=r"models\[0\]: must say its dataset: in the metadata"):
        evaluate(traces)
    with pytest.raises(InvalidInputError, match=r"models\[1\]: must differ from models\[0\] in condition or seed"):
        evaluate([traces[0], traces[0]], **shared)
    bare = replace(traces[0], metadata={"attention": "mine"})
    with pytest.raises(InvalidInputError, match=r"models\[1\]: must have a seed, as other models have"):
        evaluate([traces[0], bare], **shared)
    with pytest.raises(InvalidInputError, match="own attention; it has that of permuted"):
        evaluate(traces[0].with_metadata({"ablation": "permuted"}), **shared)
    rows = analyse_trace(traces[0].with_metadata({**SHARED, "ablation": "permuted"}), rng=0).frame
    with pytest.raises(InvalidInputError, match="own attention; it has that of permuted"):
        evaluate(rows)
    with pytest.raises(InvalidInputError, match=r"1 layers of 2 heads; say which is meant, as trace.head\(layer=5"):
        evaluate(transformer)
    with pytest.raises(UnknownNameError, match=r"roles \(attention\): must be one of mine, dot; got 'minr'"):
        evaluate(traces, roles={"minr": "additive"}, **shared)
    with pytest.raises(UnknownNameError, match="roles: must be one of additive, deep"):
        evaluate(traces, roles={"mine": "best"}, **shared)
    with pytest.raises(UnknownNameError, match="shared: must be one of dataset"):
        evaluate(traces, shared={"data": "toy"})
    with pytest.raises(InvalidInputError, match="roles: must be a mapping of names to names"):
        evaluate(traces, roles={"mine": 3})
    fewer = [traces[0], replace(trained(5, "mine", 9, n_texts=80), label=None)]
    other_order = replace(traces[1], label=traces[1].label[::-1])
    with pytest.raises(InvalidInputError, match=r"in the same order.* models\[1\] has other labels than models\[0\]"):
        evaluate([traces[0], other_order], **shared)
    with pytest.raises(InvalidInputError, match=r"same texts in the same order.* has 80 texts, .* has 120 texts"):
        evaluate(fewer, **shared)
    with pytest.raises(TraceError, match="nothing"):
        evaluate(tmp_path / "nothing")
    with pytest.raises(UnknownNameError, match="finding: must be one of i; got 'vi'"):
        Evaluation(evaluate(traces[:2], **{**shared, "inference": replace(FEW, findings=("i",))}).to_frame()).verdict(
            "vi"
        )


def test_models_with_other_tokens_under_one_condition_are_refused(traces):
    mask = np.arange(8) < np.full((120, 1), 7)
    weights = np.where(mask, traces[2].attention, 0)
    short = replace(traces[2], attention=weights / weights.sum(axis=1, keepdims=True), mask=mask)
    with pytest.raises(InvalidInputError, match="texts of toy toy mine softmax standard seed 1 have other lengths"):
        evaluate([*traces[:2], short], shared=SHARED, inference=FEW)


def test_frames_that_do_not_fit_are_answered_with_the_remedy():
    config = study(inference=replace(FEW, findings=("i",)), datasets=("reviews",), seeds=4)
    frame = pd.concat([cell.frame for cell in cells(Fabrication(rows=True).outcomes(config))], ignore_index=True)
    for changed, said in (
        (frame.assign(Unnamed=0), r"drop Unnamed \(an index that was written"),
        (frame.drop(columns="parameters"), "must have the column parameters"),
        (frame.astype({"seed": object}).assign(seed="seed 3"), "seed must hold whole numbers or nothing; got 'seed 3'"),
        (frame.astype({"seed": float}).assign(seed=0.5), "seed must hold whole numbers or nothing; got 0.5"),
        (frame.astype({"value": object}).assign(value="much"), "value must hold numbers or nothing; got 'much'"),
        (frame.assign(seed=0), "must hold each quantity of a model once; got mi_normalised_mean twice"),
        (frame.head(0), "must hold the rows of a model"),
        (frame.assign(family="heads"), r"as trace.head\(layer=5, head=0\)"),
    ):
        with pytest.raises(FrameError, match=said):
            evaluate(changed)


def test_conditions_with_other_seeds_are_told_so():
    traces = [trained(seed + 10 * (kind[0] == "dot"), *kind) for seed in range(4) for kind in (("mine", 9), ("dot", 0))]
    found = evaluate(
        traces, roles={"mine": "additive", "dot": "scaled_dot_product"}, shared=SHARED, inference=FEW, rng=0
    )
    said = " ".join(found.summary().split())
    assert "4 seeds that finished under every condition (inference.minimum_seeds), not 0" in said
    assert "toy toy additive softmax has 0, 1, 2, 3, toy toy scaled_dot_product softmax has 10, 11, 12, 13" in said
    assert "may leave their seeds out" in said


def test_a_model_whose_analysis_fails_costs_its_seed_alone(traces, monkeypatch):
    analyse = evaluate_module.analyse_trace

    def fails_on_one(trace, **options):
        if trace.metadata["seed"] == 2 and trace.metadata["attention"] == "mine":
            raise InvalidInputError("hidden: must be something else")
        return analyse(trace, **options)

    monkeypatch.setattr(evaluate_module, "analyse_trace", fails_on_one)
    found = evaluate(
        traces, roles={"mine": "additive", "dot": "scaled_dot_product"}, shared=SHARED, inference=FEW, rng=0
    )
    assert found.n_failed == 1
    assert "could not be analysed: models[4]: hidden: must be something else" in found.summary()
    assert found.verdict("ii") == "inconclusive"  # decided, from four seeds, which cannot reach .05 by signs
