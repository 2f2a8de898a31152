"""A trace read from someone's file is that of its arrays; what is no such file is refused by its path."""

import json
import zipfile
from importlib.util import find_spec

import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError, MissingExtraError, TraceError
from attnstats.trace import AttentionRow, AttentionTrace, ClassToken, read_trace

RNG = np.random.default_rng(0)
REAL = np.array([[1, 1, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1]])
WEIGHTS = np.where(REAL, RNG.random((3, 4)), 0)
ARRAYS = {
    "attention": WEIGHTS / WEIGHTS.sum(axis=1, keepdims=True),
    "hidden": RNG.normal(size=(3, 4, 2)).astype(np.float32),
    "output": RNG.dirichlet(np.ones(2), size=3),
    "mask": REAL,
    "label": np.array([0, 1, 1]),
}


def written(folder, form, arrays):
    """Path of the arrays in a new file."""
    if form == "npz":
        np.savez(folder / "a.npz", **arrays)
    elif form == "compressed":
        np.savez_compressed(folder / "a.npz", **arrays)
    elif form == "safetensors":
        pytest.importorskip("safetensors.numpy").save_file(arrays, folder / "a.safetensors")
    else:
        (folder / "a.folder").mkdir()
        for name, array in arrays.items():
            np.save(folder / "a.folder" / f"{name}.npy", array)
    return next(folder.glob("a.*"))


@pytest.mark.parametrize("form", ["npz", "compressed", "safetensors", "folder"])
def test_arrays_of_a_file(form, tmp_path):
    path = written(tmp_path, form, {**ARRAYS, "more": np.zeros(3)})
    trace, plain = read_trace(path, seed=2), AttentionTrace.from_arrays(**ARRAYS, seed=2)
    for name, array in plain._arrays().items():
        np.testing.assert_array_equal(getattr(trace, name), array)
        assert getattr(trace, name).dtype == array.dtype
    assert trace.metadata == {"seed": 2}
    named = read_trace(str(path), names={"mask": "mask"})
    assert named.lengths.tolist() == [3, 2, 4]


def test_other_names_and_a_row(tmp_path):
    heads = np.repeat(np.repeat(ARRAYS["attention"][:, np.newaxis, np.newaxis], 4, axis=2), 2, axis=1)
    heads[:, 0] = 0.25
    others = {"attentions": heads, "hidden_states": ARRAYS["hidden"], "probs": ARRAYS["output"], "attention_mask": REAL}
    path = written(tmp_path, "npz", others)
    names = {"attention": "attentions", "hidden": "hidden_states", "output": "probs", "mask": "attention_mask"}
    trace = read_trace(path, names=names, row=AttentionRow(head=1, query=ClassToken()), renormalize=True)
    np.testing.assert_allclose(trace.attention, ARRAYS["attention"])
    assert trace.metadata == {"head": 1, "query": "ClassToken()"}


def test_a_saved_trace_is_read_as_it_was_saved(tmp_path):
    AttentionTrace.from_arrays(**ARRAYS, seed=2).save(tmp_path / "trace")
    assert read_trace(tmp_path / "trace").metadata == {"seed": 2}
    with pytest.raises(InvalidInputError, match=r"path: .* is a saved trace, which takes no names, row"):
        read_trace(tmp_path / "trace", seed=3)


def test_bfloat16_of_safetensors_keeps_its_tolerance(tmp_path):
    torch = pytest.importorskip("torch")
    save_file = pytest.importorskip("safetensors.torch").save_file
    tensors = {name: torch.tensor(array) for name, array in ARRAYS.items()}
    weights = torch.full((3, 255), 1 / 255).bfloat16()
    tensors |= {"attention": weights, "hidden": torch.randn(3, 255, 2).bfloat16()}
    del tensors["mask"]
    save_file(tensors, tmp_path / "a.safetensors")
    trace = read_trace(tmp_path / "a.safetensors")
    np.testing.assert_array_equal(trace.attention, weights.double().numpy())
    np.testing.assert_array_equal(trace.hidden, tensors["hidden"].float().numpy())
    assert abs(trace.attention.sum(axis=1) - 1).max() > 1e-3


def test_what_is_missing_is_named_with_what_is_near(tmp_path):
    path = written(tmp_path, "npz", {"attn": ARRAYS["attention"], "hiden": ARRAYS["hidden"], "z": REAL})
    with pytest.raises(
        TraceError, match=r"attention: is missing; there is attn, hiden, z; if it is 'attn', pass names="
    ):
        read_trace(path)
    with pytest.raises(TraceError, match=r"hidden: is missing; .*; if it is 'hiden', pass names={'hidden': 'hiden'}"):
        read_trace(path, names={"attention": "attn"})
    with pytest.raises(TraceError, match="padding: is missing"):
        read_trace(written(tmp_path, "folder", ARRAYS), names={"mask": "padding"})
    (tmp_path / "empty").mkdir()
    with pytest.raises(TraceError, match=r"a folder of \.npy files; it holds none"):
        read_trace(tmp_path / "empty")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.npz", b""),
        ("a.npz", b"PK\x03\x04 and no more"),
        ("a.safetensors", b""),
        ("a.safetensors", b"\xff" * 40),
        ("a.safetensors", (2).to_bytes(8, "little") + b"{}" + b"left over"),
        ("a.csv", b"1,2"),
        ("a.pt", b"PK"),
        ("trace.json", b"{}"),
    ],
)
def test_a_file_that_is_none_is_a_trace_error(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    path = tmp_path if name == "trace.json" else tmp_path / name
    if path.suffix == ".safetensors" and find_spec("safetensors") is None:
        with pytest.raises(MissingExtraError, match="safetensors is not installed"):
            read_trace(path)
        return
    with pytest.raises(TraceError, match=str(tmp_path)):
        read_trace(path)
    with pytest.raises(TraceError, match=str(tmp_path)):
        read_trace(tmp_path / "nowhere.npz")


def test_nothing_is_unpickled(tmp_path):
    np.savez(tmp_path / "a.npz", attention=np.array([[1.0], [0.5, 0.5]], dtype=object), hidden=[1], output=[1])
    with pytest.raises(TraceError, match="attention holds objects of Python, not numbers"):
        read_trace(tmp_path / "a.npz")
    np.save(tmp_path / "one.npy", ARRAYS["hidden"])
    (tmp_path / "one.npy").rename(tmp_path / "one.npz")
    with pytest.raises(TraceError, match="holds one array"):
        read_trace(tmp_path / "one.npz")


def test_a_damaged_archive(tmp_path):
    path = written(tmp_path, "npz", ARRAYS)
    raw = bytearray(path.read_bytes())
    start = raw.find(b"NUMPY") + 200
    raw[start : start + 8] = b"\x00" * 8
    path.write_bytes(bytes(raw))
    with pytest.raises(TraceError, match="cannot be read"):
        read_trace(path)
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as archive:
        archive.writestr("attention.npy", "no array")
        archive.writestr("hidden.npy", "no array")
    with pytest.raises(TraceError, match="cannot be read"):
        read_trace(tmp_path / "b.npz")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"names": "attention"}, "names: must be a mapping"),
        ({"names": {"attention": 3}}, "names: must be a mapping"),
        ({"names": {"weights": "attention"}}, "names: must be one of attention, hidden, output, mask, label"),
        ({"row": 3}, "row: must be an object"),
        ({"row": AttentionRow(head=0)}, "attention: must be real with 3 dimensions"),
        ({"run": None}, "run: metadata must be"),
    ],
)
def test_options_that_do_not_fit(tmp_path, options, message):
    path = written(tmp_path, "npz", ARRAYS)
    with pytest.raises((InvalidInputError, TraceError), match=message):
        read_trace(path, **options)


def test_a_saved_trace_that_was_changed_is_named(tmp_path):
    AttentionTrace.from_arrays(**ARRAYS).save(tmp_path / "trace")
    index = json.loads((tmp_path / "trace" / "trace.json").read_text())
    index["arrays"]["hidden"]["shape"] = [1]
    (tmp_path / "trace" / "trace.json").write_text(json.dumps(index))
    with pytest.raises(TraceError, match=r"hidden\.npy: holds"):
        read_trace(tmp_path / "trace")


def test_a_damaged_archive_is_told_without_a_word_on_unpickling(tmp_path):
    path = written(tmp_path, "npz", ARRAYS)
    whole = path.read_bytes()
    cases = {
        whole[: len(whole) // 2]: "cannot be read .it is damaged or cut off",
        b"hello": "cannot be read .it is not what np.savez writes",
        b"": "cannot be read .it is not what np.savez writes",
    }
    for content, said in cases.items():
        path.write_bytes(content)
        with pytest.raises(TraceError, match=said) as caught:
            read_trace(path)
        assert "pickle" not in str(caught.value)
    np.save(tmp_path / "one.npy", np.eye(2))
    (tmp_path / "one.npy").rename(path)
    with pytest.raises(TraceError, match="it holds one array, not several"):
        read_trace(path)
    np.savez(path, **{**ARRAYS, "output": np.array([{}], dtype=object)})
    with pytest.raises(TraceError, match="output holds objects of Python"):
        read_trace(path)
