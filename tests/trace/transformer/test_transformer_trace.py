"""A stored trace of a transformer that was made by hand, without torch."""

import json
from dataclasses import replace

import numpy as np
import pytest

from attnstats.cli import main
from attnstats.exceptions import InvalidInputError, TooFewSamplesError, TraceError
from attnstats.trace import (
    AttentionTrace,
    ClassToken,
    MeanQuery,
    Position,
    Tokens,
    TransformerTrace,
    Words,
    check_trace,
    read_trace,
)
from attnstats.trace._new_folder import NewFolder
from attnstats.trace.transformer._stored import FORMAT, INDEX
from attnstats.trace.transformer.queries import as_fields

WORD = np.array([[-1, 0, 0, 1, -1], [-1, 0, -1, -1, -1]])
SPECIAL = np.array([[True, False, False, False, True], [True, False, True, False, False]])
MASK = np.array([[True] * 5, [True] * 3 + [False] * 2])


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    weights = rng.random((2, 1, 2, 2, 5)) * MASK
    weights[1, 0, 1, 1] = [0.5, 0, 0.5, 0, 0]  # the mean query of head 7 looks at special tokens alone
    with NewFolder(tmp_path / "trace") as new:
        new.save("attention", (weights / weights.sum(axis=-1, keepdims=True)).astype(np.float32))
        new.save("hidden_3", rng.normal(size=(2, 5, 4)).astype(np.float16))
        new.save("output", rng.dirichlet([1, 1], 2))
        for name, array in {"word": WORD, "special": SPECIAL, "mask": MASK}.items():
            new.save(name, array)
        new.save("token_codes", np.array([[0, 2, 3, 4, 1], [0, 4, 1, -1, -1]]))
        new.save("token_strings", np.array(["[CLS]", "[SEP]", "go", "##od", "bad"]))
        new.save("word_codes", np.array([[1, 0], [0, -1]]))
        new.save("word_strings", np.array(["bad", "good"]))
        queries = [as_fields(query) for query in (ClassToken(), MeanQuery())]
        new.finish(INDEX, {**FORMAT, "layers": [3], "heads": [5, 7], "queries": queries, "metadata": {"seed": 1}})
    return tmp_path / "trace"


def test_units_are_named(folder):
    trace = TransformerTrace.load(folder)
    assert trace.tokens == (("good", "bad"), ("bad",))
    assert trace.with_units(Words(special=True)).tokens == (
        ("[CLS]", "good", "bad", "[SEP]"),
        ("[CLS]", "bad", "[SEP]"),
    )
    assert trace.with_units(Tokens()).tokens == (("go", "##od", "bad"), ("bad",))
    assert trace.with_units(Tokens(special=True)).tokens[1] == ("[CLS]", "bad", "[SEP]")
    np.testing.assert_array_equal(trace.mask, [[True, True], [True, False]])


def test_weights_on_what_is_shown_are_shares_and_nothing_is_nan(folder):
    trace = TransformerTrace.load(folder)
    raw = np.load(folder / "attention.npy")[0, 0, 1].astype(float)
    inner = np.array([raw[0, 1] + raw[0, 2], raw[0, 3]])
    np.testing.assert_allclose(trace.attention(3, 7)[0], inner / inner.sum())
    np.testing.assert_allclose(trace.left_out(3, 7)[0], 1 - inner.sum(), atol=1e-6)
    np.testing.assert_allclose(trace.mean_attention(3).sum(axis=1), 1)
    without = trace.attention(3, 7, MeanQuery())
    assert np.isnan(without[1]).all()
    np.testing.assert_allclose(without[0].sum(), 1)
    head = trace.head(3, 7, MeanQuery())
    assert head.n_examples == 1
    assert (head.metadata["texts_left_out"], head.metadata["layer"], head.metadata["seed"]) == (1, 3, 1)


@pytest.mark.parametrize("which", ["positions", "booleans", "one by one"])
def test_some_of_the_texts_are_taken_with_all_that_is_known_of_them(folder, which):
    trace = TransformerTrace.load(folder)
    trace = replace(trace, arrays={**trace.arrays, "label": np.array([0, 1])})
    texts = {"positions": np.array([1]), "booleans": [False, True], "one by one": [1]}[which]
    part = trace.take(texts)
    assert (part.n_examples, part.tokens, part.label.tolist()) == (1, (("bad",),), [1])
    np.testing.assert_array_equal(part.output, trace.output[1:])
    np.testing.assert_array_equal(part.mask, [[True]])
    np.testing.assert_allclose(part.attention(3, 5), [[1.0]])
    np.testing.assert_array_equal(part.hidden(3), trace.hidden(3)[1:, :1])
    np.testing.assert_allclose(part.left_out(3, 7), trace.left_out(3, 7)[1:])
    assert part.metadata == {"taken_from": 2, "seed": 1}
    assert part.take([0]).metadata == part.metadata
    assert part.head(3, 5).label.tolist() == [1]


def test_texts_that_are_evenly_spaced_stay_on_disk(folder):
    trace = TransformerTrace.load(folder)
    assert all(isinstance(array, np.memmap) for array in trace.take([0, 1]).arrays.values())
    for name, array in trace.take([0, 1]).arrays.items():
        assert np.shares_memory(array, trace.arrays[name])
    swapped, twice = trace.take([1, 0]), trace.take([0, 0, 1])
    assert swapped.tokens == trace.tokens[::-1]
    np.testing.assert_array_equal(swapped.attention(3, 5), trace.attention(3, 5)[::-1])
    np.testing.assert_array_equal(twice.hidden(3), trace.hidden(3)[[0, 0, 1]])


def test_texts_that_are_not_there_are_not_taken(folder):
    trace = TransformerTrace.load(folder)
    for texts, said in (
        ([2], "texts: must lie between 0 and 1; got 2 to 2"),
        ([-1], "texts: must lie between 0 and 1; got -1 to -1"),
        ([True], "texts: must be positions of texts, or one boolean for each of 2; got"),
        (0, "texts: must be positions of texts"),
        ([0.0], "texts: must be positions of texts"),
        (None, "texts: must be"),
    ):
        with pytest.raises(InvalidInputError, match=said):
            trace.take(texts)
    with pytest.raises(TooFewSamplesError, match="number of texts taken: must be at least 1; got 0"):
        trace.take([False, False])


def test_what_is_found_of_weights_is_no_metadata_of_the_caller(folder):
    trace = TransformerTrace.load(folder)
    assert trace.with_attention(trace.attention(3, 5), 3, layer=3).metadata["layer"] == 3
    for name in ("units", "texts_left_out"):
        with pytest.raises(InvalidInputError, match=f"{name}: must not be given as metadata, .*; got 2"):
            trace.with_attention(trace.attention(3, 5), 3, **{name: 2})


def test_what_was_not_traced_is_named(folder):
    trace = TransformerTrace.load(folder)
    for asked, message in (
        ((0, 5), "layer: must be one of those traced, 3; got 0"),
        ((3, 6), "head: must be one of those traced, 5, 7; got 6"),
        ((3, 5, Position(0)), r"query: must be one of those kept, \[ClassToken"),
    ):
        with pytest.raises(InvalidInputError, match=message):
            trace.attention(*asked)
    with pytest.raises(InvalidInputError, match="some layers have none"):
        trace.rollout()
    with pytest.raises(InvalidInputError, match="units: must be"):
        trace.with_units("words")
    assert trace.label is None


@pytest.mark.parametrize("name", ["attention.npy", "hidden_3.npy", "word.npy", INDEX])
def test_damage_is_named(folder, name):
    path = folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(bytes(content))
    with pytest.raises(TraceError, match=name.replace(".", r"\.")):
        TransformerTrace.load(folder)
    path.unlink()
    with pytest.raises(TraceError, match=name.replace(".", r"\.")):
        TransformerTrace.load(folder)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", 2),
        ("layers", [4]),
        ("heads", [1]),
        ("queries", [{"kind": "Nobody"}]),
        ("queries", [{}]),
        ("arrays", {}),
    ],
)
def test_an_index_that_does_not_fit_is_named(folder, key, value):
    index = json.loads((folder / INDEX).read_text())
    (folder / INDEX).write_text(json.dumps({**index, key: value}))
    with pytest.raises(TraceError):
        TransformerTrace.load(folder)


def test_nothing_is_left_of_a_folder_that_was_not_finished(tmp_path):
    def fail():
        with NewFolder(tmp_path / "trace") as new:
            new.save("word", WORD)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_checks_it(folder, capsys):
    assert main(["trace", "check", str(folder)]) == 0
    assert "sound, TransformerTrace(2 texts, 1 layer of 2 heads" in capsys.readouterr().out
    (folder / "output.npy").write_bytes(b"")
    assert main(["trace", "check", str(folder)]) == 2
    assert "output.npy: checksum" in capsys.readouterr().err


def test_one_of_a_thing_is_printed_in_the_singular(folder):
    trace = TransformerTrace.load(folder).take([0])
    assert repr(replace(trace, layers=(3,), heads=(5,))).startswith("TransformerTrace(1 text, 1 layer of 1 head, ")


def test_a_folder_of_the_other_kind_is_answered_with_what_reads_it(folder, tmp_path):
    with pytest.raises(TraceError, match=r"holds another kind of trace; read it by TransformerTrace\.load$"):
        AttentionTrace.load(folder)
    with pytest.raises(TraceError, match=r"read it by TransformerTrace\.load$"):
        read_trace(folder)
    TransformerTrace.load(folder).head(3, 5).save(tmp_path / "head")
    with pytest.raises(TraceError, match=r"read it by AttentionTrace\.load$"):
        TransformerTrace.load(tmp_path / "head")
    for load in (AttentionTrace.load, TransformerTrace.load, read_trace):
        with pytest.raises(TraceError, match=r"hea: .*no such file or folder; near it is head"):
            load(tmp_path / "hea")


def test_other_weights_of_the_same_words_make_a_trace(folder):
    trace = TransformerTrace.load(folder)
    equal = np.where(trace.mask, 1 / trace.mask.sum(axis=1, keepdims=True), 0)
    made = trace.with_attention(equal.tolist(), states_of=3, reading="uniform")
    np.testing.assert_allclose(made.attention, equal)
    np.testing.assert_array_equal(made.hidden, trace.hidden(3))
    assert made.metadata["reading"] == "uniform"
    for wrong in (equal[:1], equal[:, :-1]):
        with pytest.raises(InvalidInputError, match=r"attention: must have shape \(2, \d\), of texts and Words"):
            trace.with_attention(wrong, 3)
    with pytest.raises(InvalidInputError, match="attention: must be real with 2 dimensions"):
        trace.with_attention(equal[0], 3)


def test_where_a_head_is_needed_it_is_said_how_to_take_one(folder):
    with pytest.raises(InvalidInputError, match=r"got TransformerTrace; take one of its heads, by head\(layer=0, "):
        check_trace(TransformerTrace.load(folder))
