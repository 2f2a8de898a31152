"""All heads at once, on a transformer's trace written by hand in which one head looks at what knows the output."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from attnstats.comparison import compare_with_best
from attnstats.exceptions import (
    ConstantInputError,
    FewReplicatesWarning,
    InvalidInputError,
    TooFewSamplesError,
    UnreliableEstimateWarning,
)
from attnstats.frame import parameter
from attnstats.information import Probe, pointwise_mutual_information
from attnstats.ranks import kendall_batch
from attnstats.studies import Reading, analyse_heads
from attnstats.trace import ClassToken, LastToken, MeanQuery, TransformerTrace
from attnstats.trace._new_folder import NewFolder
from attnstats.trace.transformer._stored import FORMAT, INDEX
from attnstats.trace.transformer.queries import as_fields

N_TEXTS, N_TOKENS = 150, 7


def written(directory, seed, **changes):
    """A trace of two layers of two heads; head 1 of layer 0 looks at the token that knows the output."""
    rng = np.random.default_rng(seed)
    of_texts = np.random.default_rng(0)  # the same for every training
    telling, positive = of_texts.integers(0, N_TOKENS, N_TEXTS), of_texts.integers(0, 2, N_TEXTS)
    weights = rng.dirichlet(np.ones(N_TOKENS), size=(1, 2, 2, N_TEXTS))
    weights[0, 0, 1, np.arange(N_TEXTS), telling] += 2
    weights /= weights.sum(axis=-1, keepdims=True)
    mask = np.ones((N_TEXTS, N_TOKENS), dtype=bool)
    with NewFolder(directory) as folder:
        folder.save("attention", weights.astype(np.float32))
        folder.save("rollout", weights.mean(axis=2).astype(np.float32))
        for layer in range(2):
            states = rng.normal(size=(N_TEXTS, N_TOKENS, 3))
            if layer == 0:
                states[np.arange(N_TEXTS), telling, 0] += 6 * positive - 3
            folder.save(f"hidden_{layer}", states.astype(np.float16))
        output = np.where(positive[:, np.newaxis] == [0, 1], 0.9, 0.1)
        folder.save("output", changes.get("output", output))
        folder.save("word", np.tile(np.arange(N_TOKENS), (N_TEXTS, 1)))
        folder.save("special", ~mask)
        folder.save("mask", mask)
        folder.save("token_codes", np.arange(N_TEXTS * N_TOKENS).reshape(N_TEXTS, N_TOKENS))  # no text repeats another
        folder.save("token_strings", np.arange(N_TEXTS * N_TOKENS).astype(np.str_))
        folder.save("word_codes", np.tile(np.arange(N_TOKENS), (N_TEXTS, 1)))
        folder.save("word_strings", np.array(changes.get("strings", [*"abcdefg"])))
        metadata = {"seed": seed, "dataset": "toy", "model": "by hand"}
        queries = [as_fields(ClassToken())]
        folder.finish(INDEX, {**FORMAT, "layers": [0, 1], "heads": [0, 1], "queries": queries, "metadata": metadata})
    return TransformerTrace.load(directory)


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    return written(tmp_path_factory.mktemp("trace") / "0", 0)


@pytest.fixture(scope="module")
def analysis(trace):
    return analyse_heads(trace, rollout=True, n_resamples=999, rng=0)


def test_each_reading_is_compared_with_the_information_of_its_layer(trace, analysis):
    assert [str(each) for each in analysis.readings[:3]] == [
        "layer 0, head 0, ClassToken()",
        "layer 0, head 1, ClassToken()",
        "layer 0, rollout, ClassToken()",
    ]
    groups = np.repeat(np.arange(N_TEXTS), N_TOKENS)
    stream = np.random.default_rng(0).spawn(2)[0].spawn(2)[1]  # that of layer 1
    states = trace.arrays["hidden_1"].reshape(-1, 3).astype(np.float64)
    local = pointwise_mutual_information(states, trace.predicted[groups], Probe(), groups=groups, rng=stream)
    expected = kendall_batch(trace.attention(1, 0), local.reshape(N_TEXTS, N_TOKENS)).statistic
    place = analysis.readings.index(Reading(1, 0, "ClassToken()"))
    np.testing.assert_allclose(analysis.agreement[0, place], expected)
    assert analysis.tests.results[place].effect == pytest.approx(expected.mean())


def test_only_the_head_that_looks_at_what_knows_the_output_is_found(analysis):
    found = analysis.tests.rejected(0.05)
    assert set(found) == {"layer 0, head 1, ClassToken()", "layer 0, rollout, ClassToken()"}
    assert "2 agree with the order of information, 0 oppose it" in analysis.summary()
    assert "most: layer 0" in analysis.summary()
    assert analysis.information[0, 0] > 0.03 > 5 * abs(analysis.information[0, 1])


def test_the_frame_holds_every_reading(analysis):
    frame = analysis.to_frame()
    taus = frame[frame.quantity == "tau_b"]
    assert taus["head"].tolist() == [0, 1, pd.NA, 0, 1, pd.NA]
    assert taus["layer"].tolist() == [0, 0, 0, 1, 1, 1]
    np.testing.assert_allclose(taus["pvalue_adjusted"], analysis.tests.pvalues_adjusted)
    assert set(taus["replication_unit"]) == {"text"}
    assert set(frame["dataset"]) == {"toy"}
    assert frame.loc[frame.quantity == "metadata", "parameters"].tolist() == ['{"model": "by hand"}']
    gini = frame[frame.quantity == "gini"]["value"]
    np.testing.assert_allclose(gini, analysis.skew[0].mean(axis=1))


@pytest.fixture(scope="module")
def unordered(trace):
    """The trace with two texts of one word, one with equal weights in one head, and one without weight on its words."""
    arrays = {**trace.arrays, **{name: trace.arrays[name].copy() for name in ("mask", "word", "attention")}}
    arrays["mask"][:2, 1:] = False
    arrays["word"][:2, 1:] = -1
    arrays["attention"][:, :, :, :2, 1:] = 0
    arrays["attention"][0, 0, 0, 2] = 1 / N_TOKENS
    arrays["attention"][0, 1, 1, 3] = 0
    return replace(trace, arrays=arrays)


def test_it_is_said_which_texts_are_left_out_and_why(unordered):
    analysis = analyse_heads(unordered, n_resamples=199, rng=0)
    assert analysis.tests.results[0].n == N_TEXTS - 4
    pairs = N_TOKENS * (N_TOKENS - 1) / 2
    assert np.nansum(analysis.ties[0, 0]) * pairs == pytest.approx(pairs)  # those of the text with equal weights
    said = analysis.summary().splitlines()[1]
    assert said.startswith(
        f"n = {N_TEXTS - 4} texts of one training; left out: 2 of a single word, 1 without weight on their words, "
        "1 with equal weights or information; 0.0017 of the pairs"
    )  # one text of 148 in one reading of four
    few = replace(analysis, ties=analysis.ties / 10)
    assert few.summary().splitlines()[1].endswith("information; less than 0.001 of the pairs of words are tied")
    frame = analysis.to_frame()
    lost = frame[frame["quantity"] == "texts_left_out"]
    assert lost["value"].tolist() == [2, 1, 1]
    assert parameter(lost, "reason").tolist()[0] == "of a single word"
    taus = frame[frame["quantity"] == "tau_b"].set_index(["layer", "head"])
    assert taus["undefined"].tolist() == [3, 2, 2, 3]
    assert taus.loc[(0, 0), "ties"] == pytest.approx(1 / (N_TEXTS - 2))
    assert set(taus["n"]) == {N_TEXTS - 4}
    ginis = frame[frame["quantity"] == "gini"]["n"].tolist()
    assert ginis == [N_TEXTS, N_TEXTS, N_TEXTS, N_TEXTS - 1]


def test_the_heads_that_may_agree_most_are_named(analysis):
    found = compare_with_best(analysis.agreement[0], names=analysis.readings, replication_unit="text", rng=0)
    assert [found.names[place] for place in found.candidates] == [
        "layer 0, head 1, ClassToken()",
        "layer 0, rollout, ClassToken()",
    ]


def test_several_trainings_answer_for_other_trainings(tmp_path):
    traces = [written(tmp_path / str(seed), seed) for seed in range(4)]
    with pytest.warns(FewReplicatesWarning) as warned:
        analysis = analyse_heads(traces, minimum_seeds=4, rng=0)
    assert len(warned) == 1  # of all readings together
    assert "number of trainings: should be at least 8" in str(warned[0].message)
    assert f"\nn = 4 trainings x {N_TEXTS} texts\n" in analysis.summary()
    assert analysis.agreement.shape == (4, 4, N_TEXTS)
    assert analysis.tests.results[0].replication_unit == "training"
    assert analysis.tests.rejected(0.05) == ("layer 0, head 1, ClassToken()",)
    assert "seed" not in analysis.metadata
    tests = [result.test for result in analysis.tests.results]
    assert len(set(tests)) > 1
    df = [float(test.partition("df = ")[2].rstrip(")")) for test in tests]
    assert f"(df = {min(df):g} to {max(df):g}): 1 agree" in analysis.summary()
    assert set(analysis.to_frame().loc[lambda frame: frame["quantity"] == "tau_b", "n_seeds"]) == {4}
    with pytest.raises(TooFewSamplesError, match=r"traces: must be of at least 8 trainings, .*minimum_seeds=4"):
        analyse_heads(traces)


def test_what_does_not_fit_is_refused(trace, tmp_path):
    with pytest.raises(InvalidInputError, match="traces: must be a TransformerTrace, or several"):
        analyse_heads([])
    with pytest.raises(InvalidInputError, match="traces: must be other trainings; trace 1 gives what another one"):
        analyse_heads([trace, trace])
    copied = trace.arrays["token_codes"].copy()
    copied[:3] = copied[3]
    with pytest.warns(UnreliableEstimateWarning, match="traces: 3 of 150 texts repeat another"):
        analyse_heads(replace(trace, arrays={**trace.arrays, "token_codes": copied}), n_resamples=99, rng=0)
    with pytest.raises(InvalidInputError, match="traces: must have the same tokens; trace 1"):
        analyse_heads([trace, written(tmp_path / "other", 1, strings=[*"hijklmn"])])
    with pytest.raises(ConstantInputError, match="trace 0 has 0 alone"):
        analyse_heads(written(tmp_path / "one", 1, output=np.tile([0.9, 0.1], (N_TEXTS, 1))))
    with pytest.raises(InvalidInputError, match="query: must be one of those kept"):
        analyse_heads(trace, queries=[LastToken()])
    for queries in (ClassToken(), "cls", []):
        with pytest.raises(InvalidInputError, match="queries: must be a list of queries"):
            analyse_heads(trace, queries=queries)
    with pytest.raises(InvalidInputError, match=r"traces: must be a TransformerTrace, or several; got None$"):
        analyse_heads(None)
    with pytest.raises(InvalidInputError, match=r"must be a TransformerTrace, .*; of a single head use analyse_trace$"):
        analyse_heads(trace.head(layer=trace.layers[0], head=trace.heads[0]))
    with pytest.raises(InvalidInputError, match="probe: must be"):
        analyse_heads(trace, probe=MeanQuery())
