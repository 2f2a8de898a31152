"""AttentionTrace: validation, round trip and every kind of damage."""

import json

import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError, NonFiniteError, TooFewSamplesError, TraceError
from attnstats.trace import AttentionTrace


@pytest.fixture
def arrays():
    rng = np.random.default_rng(0)
    mask = np.array([[True, True, True], [True, True, False]])
    attention = np.where(mask, rng.random((2, 3)), 0)
    return {
        "attention": attention / attention.sum(axis=1, keepdims=True),
        "hidden": rng.normal(size=(2, 3, 4)),
        "output": np.array([[0.9, 0.1], [0.3, 0.7]]),
        "mask": mask,
        "label": np.array([0, 0]),
        "tokens": [["a", "good", "film"], ["a", "bore"]],
    }


def test_round_trip_keeps_every_array_and_the_metadata(arrays, tmp_path):
    trace = AttentionTrace.from_arrays(**arrays, dataset="mine", seed=3)
    trace.save(tmp_path / "trace")
    loaded = AttentionTrace.load(tmp_path / "trace")
    for name, array in trace._arrays().items():
        np.testing.assert_array_equal(getattr(loaded, name), array)
    assert isinstance(loaded.hidden, np.memmap)
    assert loaded.metadata == {"dataset": "mine", "seed": 3}
    assert loaded.tokens(1) == ["a", "bore"]
    assert [each.name for each in tmp_path.iterdir()] == ["trace"]


def test_context_is_the_weighted_mean_over_real_tokens(arrays):
    arrays["hidden"][1, 2] = np.nan  # padding may hold anything
    trace = AttentionTrace.from_arrays(**arrays)
    expected = sum(trace.attention[1, t] * trace.hidden[1, t] for t in range(2))
    np.testing.assert_allclose(trace.context[1], expected)
    assert trace.predicted.tolist() == [0, 1]
    assert trace.lengths.tolist() == [3, 2]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"attention": np.full((2, 3), 1 / 3)}, InvalidInputError, "attention: must be exactly zero at padding"),
        ({"attention": np.array([[2.0, -1, 0], [0.5, 0.5, 0]])}, InvalidInputError, "attention: must be non-negative"),
        ({"attention": np.array([[0.5, 0.4, 0], [0.5, 0.5, 0]])}, InvalidInputError, "must sum to 1; got 0.9 in ex"),
        ({"attention": np.array([[0.5, np.nan, 0], [0.5, 0.5, 0]])}, NonFiniteError, "attention: must be finite"),
        ({"attention": np.ones((2, 3, 2))}, InvalidInputError, "attention: must be real with 2 dimensions"),
        ({"hidden": np.ones((2, 4, 4))}, InvalidInputError, "hidden: must have shape"),
        ({"hidden": np.full((2, 3, 4), np.inf)}, NonFiniteError, "hidden: must be finite"),
        ({"output": np.ones((3, 2))}, InvalidInputError, "attention has 2, output has 3"),
        ({"output": np.ones((2, 1))}, InvalidInputError, "output: must have a probability for 2 or more"),
        ({"output": np.array([0.5, 0.5])}, InvalidInputError, "output: must be integer classes"),
        ({"mask": np.ones((2, 3))}, InvalidInputError, "mask: must be boolean"),
        ({"mask": np.array([[True] * 3, [False] * 3])}, InvalidInputError, "every example must have a real token"),
        ({"tokens": [["a"], ["b"]]}, InvalidInputError, "tokens: must hold one string per real token"),
        ({"label": np.array([0])}, InvalidInputError, "label has 1"),
        ({"run": ["x"]}, InvalidInputError, "run: metadata must be"),
    ],
)
def test_bad_arrays_are_refused_by_name(arrays, change, error, message):
    with pytest.raises(error, match=message.replace("(", r"\(")):
        AttentionTrace.from_arrays(**{**arrays, **change})


def test_a_folder_that_exists_is_never_overwritten(arrays, tmp_path):
    with pytest.raises(TraceError, match="must not exist yet"):
        AttentionTrace.from_arrays(**arrays).save(tmp_path)


def _truncate(path):
    path.write_bytes(path.read_bytes()[:-9])


def _flip(path):
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(bytes(raw))


@pytest.mark.parametrize("name", ["attention", "hidden", "output", "mask", "label", "token_codes", "token_strings"])
@pytest.mark.parametrize(
    ("damage", "fault"), [(_truncate, "checksum"), (_flip, "checksum"), (lambda path: path.unlink(), "cannot be read")]
)
def test_damage_to_any_file_is_named(arrays, tmp_path, name, damage, fault):
    AttentionTrace.from_arrays(**arrays).save(tmp_path / "trace")
    damage(tmp_path / "trace" / f"{name}.npy")
    with pytest.raises(TraceError, match=rf"{name}\.npy: .*{fault}"):
        AttentionTrace.load(tmp_path / "trace")


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        (lambda index: index.pop("format"), "is not the index"),
        (lambda index: index["arrays"].pop("mask"), r"missing arrays \['mask'\]"),
        (lambda index: index["arrays"]["mask"].pop("sha256"), "is incomplete"),
        (lambda index: index["arrays"]["mask"].update(shape=[9, 9]), r"mask\.npy: holds bool \(2, 3\)"),
        (lambda index: index.pop("metadata"), "is incomplete"),
        (lambda index: index["arrays"].update(extra=index["arrays"]["mask"]), r"extra\.npy: cannot be read"),
    ],
)
def test_a_mismatched_index_is_named(arrays, tmp_path, edit, fault):
    AttentionTrace.from_arrays(**arrays).save(tmp_path / "trace")
    path = tmp_path / "trace" / "trace.json"
    index = json.loads(path.read_text())
    edit(index)
    path.write_text(json.dumps(index))
    with pytest.raises(TraceError, match=fault):
        AttentionTrace.load(tmp_path / "trace")


@pytest.mark.parametrize(
    "edit",
    [
        lambda index: index["arrays"].pop("label"),
        lambda index: [index["arrays"].pop(name) for name in ("token_codes", "token_strings")],
        lambda index: index["metadata"].clear(),
        lambda index: index["metadata"].update(seed=7),
    ],
)
@pytest.mark.parametrize("older", [False, True])
def test_an_index_that_lost_or_changed_something_is_refused(arrays, tmp_path, edit, older):
    folder = tmp_path / "trace"
    AttentionTrace.from_arrays(**arrays, seed=3).save(folder)
    index = json.loads((folder / "trace.json").read_text())
    n_arrays = len(index["arrays"])
    edit(index)
    (folder / "trace.json").write_text(json.dumps(index))
    if older:  # than checksums of the index: what it does not list still lies there
        (folder / "SHA256SUMS").unlink()
        if len(index["arrays"]) == n_arrays:
            assert AttentionTrace.load(folder).metadata == index["metadata"]
            return
    with pytest.raises(TraceError, match=r"must list every array beside it; lacks" if older else "SHA256SUMS"):
        AttentionTrace.load(folder)


def test_arrays_of_two_traces_mixed_are_refused(arrays, tmp_path):
    AttentionTrace.from_arrays(**arrays).save(tmp_path / "a")
    half = {name: value[:1] for name, value in arrays.items()}
    AttentionTrace.from_arrays(**half).save(tmp_path / "b")
    index = json.loads((tmp_path / "a" / "trace.json").read_text())
    other = json.loads((tmp_path / "b" / "trace.json").read_text())
    index["arrays"]["hidden"] = other["arrays"]["hidden"]
    (tmp_path / "a" / "trace.json").write_text(json.dumps(index))
    (tmp_path / "a" / "hidden.npy").write_bytes((tmp_path / "b" / "hidden.npy").read_bytes())
    with pytest.raises(TraceError, match=r"hidden\.npy: shape \(1, 3, 4\) does not match"):
        AttentionTrace.load(tmp_path / "a")


@pytest.mark.parametrize("content", ["", "not json", "[]"])
def test_an_index_that_is_no_index(tmp_path, content):
    (tmp_path / "trace.json").write_text(content)
    with pytest.raises(TraceError, match=r"trace\.json"):
        AttentionTrace.load(tmp_path)


@pytest.mark.parametrize("which", [np.array([1]), [False, True], [1]])
def test_some_of_the_texts_are_taken_with_all_that_is_known_of_them(arrays, which):
    trace = AttentionTrace.from_arrays(**{**arrays, "label": np.array([0, 1])}, dataset="mine")
    part = trace.take(which)
    assert (part.n_examples, part.tokens(0), part.label.tolist()) == (1, ["a", "bore"], [1])
    for name in ("attention", "hidden", "output", "mask"):
        np.testing.assert_array_equal(getattr(part, name), getattr(trace, name)[1:])
    assert part.metadata == {"taken_from": 2, "dataset": "mine"}
    assert part.take([0]).metadata == part.metadata
    np.testing.assert_array_equal(trace.take([1, 0, 1]).attention, trace.attention[[1, 0, 1]])


def test_a_part_of_a_trace_can_be_saved_and_has_no_texts_that_are_not_there(arrays, tmp_path):
    trace = AttentionTrace.from_arrays(**arrays)
    trace.take([1]).save(tmp_path / "part")
    assert AttentionTrace.load(tmp_path / "part").tokens(0) == ["a", "bore"]
    with pytest.raises(InvalidInputError, match="texts: must lie between 0 and 1; got 2 to 2"):
        trace.take([2])
    with pytest.raises(TooFewSamplesError, match="number of texts taken: must be at least 1; got 0"):
        trace.take([False, False])


def test_one_of_a_thing_is_printed_in_the_singular():
    trace = AttentionTrace.from_arrays(attention=[[1.0]], hidden=[[[0.0]]], output=[[0.5, 0.5]])
    assert repr(trace) == "AttentionTrace(1 example, 1 token, 1 dimension, 2 classes)"
