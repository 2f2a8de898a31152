"""Lists with an array for each text, and arrays of other libraries, are the same trace as padded arrays."""

import re

import numpy as np
import pytest

from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionRow, AttentionTrace, ClassToken

RNG = np.random.default_rng(0)
LENGTHS = [3, 1, 4]
WEIGHTS = [RNG.dirichlet(np.ones(length)) for length in LENGTHS]
STATES = [RNG.normal(size=(length, 2)) for length in LENGTHS]
OUTPUT = [0, 1, 1]
REAL = np.arange(4) < np.array(LENGTHS)[:, np.newaxis]


def padded(texts):
    return np.array([np.pad(each, [(0, 4 - len(each))] + [(0, 0)] * (each.ndim - 1)) for each in texts])


def check(trace, close=0.0):
    np.testing.assert_allclose(trace.attention, padded(WEIGHTS), rtol=close)
    np.testing.assert_allclose(trace.hidden, padded(STATES), rtol=close)
    np.testing.assert_array_equal(trace.mask, REAL)


def test_lists_of_texts_are_padded():
    check(AttentionTrace.from_arrays(attention=WEIGHTS, hidden=STATES, output=OUTPUT))
    nested = [each.tolist() for each in WEIGHTS], [each.tolist() for each in STATES]
    check(AttentionTrace.from_arrays(attention=nested[0], hidden=nested[1], output=OUTPUT))
    objects = np.empty(3, dtype=object), np.empty(3, dtype=object)
    objects[0][:], objects[1][:] = WEIGHTS, STATES
    check(AttentionTrace.from_arrays(attention=objects[0], hidden=objects[1], output=OUTPUT))
    halves = [each.astype(np.float16) for each in STATES]
    trace = AttentionTrace.from_arrays(
        attention=WEIGHTS, hidden=halves, output=OUTPUT, tokens=[["a"] * 3, ["b"], "abcd"]
    )
    assert trace.hidden.dtype == np.float16
    assert trace.tokens(2) == ["a", "b", "c", "d"]


def test_texts_of_one_length_may_have_a_mask():
    pair = {"attention": [[0.5, 0.5, 0], [0.2, 0.3, 0.5]], "hidden": [np.ones((3, 2))] * 2, "output": [0, 1]}
    trace = AttentionTrace.from_arrays(**pair, mask=[[1, 1, 0], [1, 1, 1]])
    assert trace.lengths.tolist() == [2, 3]


def test_a_row_is_taken_of_each_text():
    matrices = [RNG.dirichlet(np.ones(length), size=(2, length)) for length in LENGTHS]
    trace = AttentionTrace.from_arrays(
        attention=matrices, hidden=STATES, output=OUTPUT, row=AttentionRow(head=1, query=ClassToken())
    )
    np.testing.assert_array_equal(trace.attention, padded([each[1, 0] for each in matrices]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mask": REAL}, "mask: goes with arrays; lists with an array for each text hold real tokens alone"),
        ({"hidden": padded(STATES)}, "hidden: must be a list with an array for each text"),
        ({"attention": padded(WEIGHTS)}, "attention: must be a list with an array for each text"),
        ({"hidden": STATES[::-1]}, "hidden: must have a state for each weight of attention; got 3 texts of 8 tokens"),
        ({"hidden": STATES[:2]}, "hidden: must have a state for each weight of attention; got 2 texts of 4 tokens for"),
        ({"hidden": [STATES[0][:, :1], *STATES[1:]]}, "hidden: must have one dimension in all texts; got [1, 2]"),
        ({"attention": [WEIGHTS[0], [], WEIGHTS[2]]}, "hidden: must have a state for each weight"),
        ({"attention": [WEIGHTS[0], "a", WEIGHTS[2]]}, "attention: must be"),
        ({"attention": [WEIGHTS[0], np.nan * WEIGHTS[1], WEIGHTS[2]]}, "attention: must be finite"),
        ({"attention": [WEIGHTS[0], STATES[1], WEIGHTS[2]]}, "attention: must be real with 1 dimensions (n_tokens)"),
        ({"attention": [[], [], [1.0]], "hidden": [np.ones((0, 2)), np.ones((0, 2)), [[1, 2]]]}, "mask: every example"),
    ],
)
def test_lists_that_do_not_fit_are_refused(change, message):
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        AttentionTrace.from_arrays(**{"attention": WEIGHTS, "hidden": STATES, "output": OUTPUT, **change})


@pytest.mark.parametrize("precision", ["float16", "bfloat16", "float32"])
def test_tensors_of_torch(precision):
    torch = pytest.importorskip("torch")
    close = {"float16": 2e-3, "bfloat16": 1e-2, "float32": 1e-6}[precision]
    dtype = getattr(torch, precision)
    weights, states = ([torch.tensor(each).to(dtype).requires_grad_() for each in of] for of in (WEIGHTS, STATES))
    trace = AttentionTrace.from_arrays(attention=weights, hidden=states, output=OUTPUT)
    check(trace, close)
    assert trace.hidden.dtype == ("float16" if precision == "float16" else "float32")
    nested = [
        torch.nested.nested_tensor([each.detach() for each in of], layout=torch.jagged) for of in (weights, states)
    ]
    check(AttentionTrace.from_arrays(attention=nested[0], hidden=nested[1], output=OUTPUT), close)
    whole = torch.tensor(padded(WEIGHTS)).to(dtype).requires_grad_()
    mask = torch.tensor(REAL).long()
    check(AttentionTrace.from_arrays(attention=whole, hidden=padded(STATES), output=OUTPUT, mask=mask), close)


@pytest.mark.slow
def test_tensors_of_tensorflow():
    tf = pytest.importorskip("tensorflow")
    ragged = [tf.ragged.constant([each.tolist() for each in of], ragged_rank=1) for of in (WEIGHTS, STATES)]
    check(AttentionTrace.from_arrays(attention=ragged[0], hidden=ragged[1], output=OUTPUT), 1e-6)
    arrays = {"attention": tf.constant(padded(WEIGHTS)), "hidden": tf.Variable(padded(STATES)), "output": OUTPUT}
    check(AttentionTrace.from_arrays(**arrays, mask=tf.constant(REAL.astype(int))))
    half = {**arrays, "attention": tf.cast(arrays["attention"], tf.bfloat16), "mask": REAL}
    check(AttentionTrace.from_arrays(**half), 1e-2)


def test_arrays_of_jax():
    jnp = pytest.importorskip("jax.numpy")
    arrays = {"attention": jnp.asarray(padded(WEIGHTS)), "hidden": jnp.asarray(padded(STATES)), "output": OUTPUT}
    check(AttentionTrace.from_arrays(**arrays, mask=jnp.asarray(REAL.astype(int))), 1e-6)
    half = {name: array if name == "output" else array.astype(jnp.bfloat16) for name, array in arrays.items()}
    check(AttentionTrace.from_arrays(**half, mask=jnp.asarray(REAL)), 1e-2)
