"""Traces of Keras models, against weights computed by hand from their parameters."""

import numpy as np
import pytest

from attnstats.adapters import Input, Logits, Output, PositiveProbability, trace_keras
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionRow, ClassToken, LastToken, MeanHead, MeanQuery, Position

keras = pytest.importorskip("keras")
from keras import layers, ops  # noqa: E402

#: What Keras says of layers that drop a mask, which some models here have.
pytestmark = pytest.mark.filterwarnings("ignore:Layer '.*' .* was passed an input with a mask attached:UserWarning")
LENGTHS = np.array([3, 1, 4, 2, 5])
IDS = np.where(np.arange(5) < LENGTHS[:, None], np.random.default_rng(0).integers(1, 9, size=(5, 5)), 0)
REAL = IDS != 0


def softmax(scores):
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def embedded(mask_zero=True):
    keras.utils.set_random_seed(0)
    ids = keras.Input((None,), dtype="int32", name="ids")
    return ids, layers.Embedding(9, 4, mask_zero=mask_zero, name="embedding")(ids)


def decided(ids, states, name="output"):
    """A model that decides from the first state."""
    return keras.Model(ids, layers.Dense(2, activation="softmax", name=name)(states[:, 0]))


@pytest.fixture(scope="module")
def multi_head():
    ids, states = embedded()
    return decided(ids, layers.MultiHeadAttention(2, 3, name="attention")(states, states))


def heads_by_hand(model):
    """Weights of each head (n, heads, queries, tokens) and states."""
    states = model.get_layer("embedding").get_weights()[0].astype(float)[IDS]
    query, query_bias, key, key_bias = (each.astype(float) for each in model.get_layer("attention").get_weights()[:4])
    queries = np.einsum("ntd,dhk->nhtk", states, query) + query_bias[:, None]
    keys = np.einsum("ntd,dhk->nhtk", states, key) + key_bias[:, None]
    scores = np.einsum("nhqk,nhtk->nhqt", queries, keys) / np.sqrt(3)
    return softmax(np.where(REAL[:, None, None], scores, -np.inf)), states


@pytest.mark.parametrize("batch_size", [2, 32])
def test_multi_head_attention(multi_head, batch_size):
    weights, states = heads_by_hand(multi_head)
    last = weights[np.arange(5), :, LENGTHS - 1]
    for row, expected in (
        (AttentionRow(head=1, query=ClassToken()), weights[:, 1, 0]),
        (AttentionRow(head=0, query=LastToken()), last[:, 0]),
        (AttentionRow(head=MeanHead(), query=LastToken()), last.mean(axis=1)),
        (
            AttentionRow(head=1, query=MeanQuery()),
            np.array([each[1, :n].mean(axis=0) for each, n in zip(weights, LENGTHS, strict=True)]),
        ),
    ):
        trace = trace_keras(
            multi_head,
            IDS,
            attention="attention",
            hidden=Input("attention", "value"),
            row=row,
            batch_size=batch_size,
            label=[0, 1, 0, 1, 0],
            seed=1,
        )
        np.testing.assert_allclose(trace.attention, expected, rtol=1e-5, atol=1e-12)
        np.testing.assert_allclose(trace.hidden[REAL], states[REAL], rtol=1e-6)
        np.testing.assert_allclose(trace.output, multi_head.predict(IDS, verbose=0), rtol=1e-5)
        np.testing.assert_array_equal(trace.mask, REAL)
        assert trace.metadata == {**row.metadata, "seed": 1}
        assert trace.label.tolist() == [0, 1, 0, 1, 0]


@pytest.mark.parametrize("kind", ["Attention", "AdditiveAttention"])
def test_attention_of_one_query(kind):
    ids, states = embedded()
    query = layers.Dense(4, name="query")(states[:, :1])
    model = decided(ids, getattr(layers, kind)(name="attention")([query, states]))
    trace = trace_keras(model, IDS, attention="attention", hidden="embedding", row=AttentionRow(query=Position(0)))
    vectors = model.get_layer("embedding").get_weights()[0].astype(float)[IDS]
    kernel, bias = model.get_layer("query").get_weights()
    queries = vectors[:, :1] @ kernel + bias
    if kind == "Attention":
        scores = np.einsum("nqd,ntd->nt", queries, vectors)
    else:
        scores = np.tanh(queries + vectors) @ model.get_layer("attention").get_weights()[0]
    np.testing.assert_allclose(trace.attention, softmax(np.where(REAL, scores, -np.inf)), rtol=1e-5, atol=1e-12)
    np.testing.assert_array_equal(trace.mask, REAL)


@keras.saving.register_keras_serializable(package="tests")
class Additive(layers.Layer):
    """Own weights of shape (n, tokens, 1); supports no masking, so the mask stays with the states."""

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 1), name="kernel")

    def call(self, states, mask=None):
        scores = ops.matmul(states, self.kernel)
        if mask is not None:
            scores = ops.where(mask[:, :, None], scores, -1e9)
        return ops.softmax(scores, axis=1)


def own(mask_zero=True, **last):
    ids, states = embedded(mask_zero)
    states = layers.Bidirectional(layers.LSTM(3, return_sequences=True), name="encoder")(states)
    attention = Additive(name="weights")
    attention.supports_masking = True
    weights = attention(states)
    context = layers.Lambda(lambda each: ops.sum(each[0] * each[1], axis=1), name="context")([weights, states])
    last = {"units": 2, "name": "logits", **last}
    return keras.Model(ids, layers.Dense(**last)(context))


def test_an_own_layer_and_logits():
    model = own()
    trace = trace_keras(model, IDS, attention="weights", hidden="encoder", output=Logits("logits"), batch_size=3)
    for text, length, attention, hidden, output in zip(
        IDS, LENGTHS, trace.attention, trace.hidden, trace.output, strict=True
    ):
        states = ops.convert_to_numpy(model.get_layer("encoder")(model.get_layer("embedding")(text[None, :length])))[0]
        weights = softmax((states @ model.get_layer("weights").get_weights()[0])[:, 0])
        kernel, bias = model.get_layer("logits").get_weights()
        np.testing.assert_allclose(hidden[:length], states, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(attention[:length], weights, rtol=1e-4)
        np.testing.assert_allclose(output, softmax(weights @ states @ kernel + bias), rtol=1e-4)
    np.testing.assert_array_equal(trace.mask, REAL)


def test_one_probability_or_logit():
    model = own(units=1, activation="sigmoid", name="p")
    options = {"attention": "weights", "hidden": "encoder"}
    trace = trace_keras(model, IDS, output=PositiveProbability(), **options)
    p = model.predict(IDS, verbose=0)[:, 0]
    np.testing.assert_allclose(trace.output, np.column_stack([1 - p, p]), rtol=1e-5)
    with pytest.raises(
        InvalidInputError, match=r"output: must have a probability for each .*PositiveProbability\(name\)"
    ):
        trace_keras(model, IDS, **options)
    with pytest.raises(InvalidInputError, match=r"output: must be class probabilities.*Logits\(name\)"):
        trace_keras(own(), IDS, **options)


@pytest.mark.parametrize("mask_zero", [True, False])
def test_a_mask_may_be_given(mask_zero):
    model = own(mask_zero)
    trace = trace_keras(
        model, IDS * 0 + 3, attention="weights", hidden="encoder", output=Logits(), mask=np.ones((5, 5), int)
    )
    assert trace.lengths.tolist() == [5] * 5
    if not mask_zero:
        assert trace_keras(model, IDS, attention="weights", hidden="encoder", output=Logits()).mask.all()
        with pytest.raises(InvalidInputError, match="attention: must be exactly zero at padding"):
            trace_keras(model, IDS, attention="weights", hidden="encoder", output=Logits(), mask=REAL)


def test_the_mask_of_the_states_where_attention_gets_none():
    ids, states = embedded()
    bare = layers.Lambda(lambda each: each * 1.0, name="bare")(states)  # drops the mask
    weights = layers.Softmax(axis=1, name="weights")(
        layers.Lambda(lambda each: ops.where(ops.equal(each[1], 0), -1e9, each[0][:, :, 0]))([bare, ids])
    )
    pooled = layers.Dot(axes=1)([weights, bare])
    model = keras.Model(ids, layers.Dense(2, activation="softmax")(pooled))
    np.testing.assert_array_equal(trace_keras(model, IDS, attention="weights", hidden="embedding").mask, REAL)
    assert trace_keras(model, IDS, attention="weights", hidden="bare").mask.all()


@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision(precision, multi_head):
    keras.config.set_dtype_policy(precision)
    try:
        ids, states = embedded()
        model = decided(ids, layers.MultiHeadAttention(2, 3, name="attention")(states, states))
        model.set_weights(multi_head.get_weights())
    finally:
        keras.config.set_dtype_policy("float32")
    row = AttentionRow(head=1, query=ClassToken())
    trace = trace_keras(model, IDS, attention="attention", hidden="embedding", row=row)
    np.testing.assert_allclose(trace.attention, heads_by_hand(multi_head)[0][:, 1, 0], atol=2e-2)
    assert trace.hidden.dtype == ("float16" if precision == "mixed_float16" else "float32")


class Subclassed(keras.Model):
    """Asks for the averaged scores itself, of two inputs by name."""

    def __init__(self):
        super().__init__()
        self.embedding = layers.Embedding(9, 4, name="embedding")
        self.attention = layers.MultiHeadAttention(2, 3, name="attention")
        self.out = layers.Dense(2, activation="softmax", name="out")

    def call(self, inputs):
        states = self.embedding(inputs["ids"])
        mixed, self.scores = self.attention(
            states, states, key_mask=inputs["real"], query_mask=inputs["real"], return_attention_scores=True
        )
        return self.out(mixed[:, 0]), self.scores


def test_a_model_of_its_own_gets_what_it_asked_for(multi_head):
    keras.utils.set_random_seed(0)
    model = Subclassed()
    inputs = {"ids": IDS, "real": REAL}
    model(inputs)
    model.set_weights(multi_head.get_weights())
    options = {"hidden": "embedding", "row": AttentionRow(head=1, query=ClassToken())}
    trace = trace_keras(model, inputs, attention="attention", output="out", **options)
    np.testing.assert_allclose(trace.attention, heads_by_hand(multi_head)[0][:, 1, 0], rtol=1e-5, atol=1e-12)
    np.testing.assert_array_equal(trace.mask, REAL)
    assert model.scores.shape == (5, 2, 5, 5)
    again = trace_keras(model, inputs, attention=Output("attention", 1), output=Output("", 0), **options)
    np.testing.assert_array_equal(trace.attention, again.attention)
    with pytest.raises(InvalidInputError, match="output: '' returns several values; say which: part= one of 2 values"):
        trace_keras(model, inputs, attention="attention", **options)


def test_layers_of_a_model_inside_a_model(multi_head):
    ids = keras.Input((None,), dtype="int32")
    outer = keras.Model(ids, layers.Activation("linear", name="same")(multi_head(ids)))
    row = AttentionRow(head=0, query=ClassToken())
    options = {"attention": "attention", "hidden": "embedding", "row": row}
    np.testing.assert_array_equal(
        trace_keras(outer, IDS, **options).attention, trace_keras(multi_head, IDS, **options).attention
    )


def test_nothing_is_left_behind(multi_head):
    before = multi_head.predict(IDS, verbose=0)
    with pytest.raises(InvalidInputError, match="must lie within each text; got one of"):
        trace_keras(
            multi_head, IDS, attention="attention", hidden="embedding", row=AttentionRow(head=0, query=Position(9))
        )
    for layer in multi_head._flatten_layers():
        assert not {"call", "compute_mask"} & vars(layer).keys()
    np.testing.assert_array_equal(multi_head.predict(IDS, verbose=0), before)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"attention": "atention"},
            "attention: must name a layer of the model; got 'atention'; near it are 'attention'",
        ),
        ({"hidden": "zzz"}, "hidden: must name a layer .*; there are 'ids', 'embedding'"),
        ({"row": None}, r"attention: must be real with 2 dimensions .* choose a head and the query"),
        ({"row": AttentionRow(head=0)}, "attention: must be real with 3 dimensions"),
        ({"row": "cls"}, "row: must be an object"),
        ({"hidden": "output"}, "hidden: must have shape"),
        ({"hidden": Output("embedding", 1)}, "hidden: 'embedding' returns one value, which has no part 1"),
        (
            {"hidden": Input("attention", "values")},
            "hidden: 'attention' has no argument 'values'; it gets query, value",
        ),
        ({"mask": REAL[:2]}, "mask: must have one entry for each of 5 examples"),
        ({"mask": ~REAL}, "mask: every example must have a real token|attention: must be exactly zero"),
        ({"label": [1]}, "label: must have one entry for each of 5 examples"),
        ({"batch_size": 0}, "batch_size: must be an integer of at least 1"),
        ({"run": None}, "run: metadata must be"),
    ],
)
def test_what_does_not_fit_is_refused(multi_head, change, message):
    options = {"attention": "attention", "hidden": "embedding", "row": AttentionRow(head=0, query=ClassToken())}
    with pytest.raises(InvalidInputError, match=message):
        trace_keras(multi_head, IDS, **{**options, **change})


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (IDS.tolist(), "inputs: must be an array, or a list or mapping of arrays"),
        ("ids", "inputs: must be an array"),
        ([], "inputs: must be an array"),
        (IDS[:0], r"inputs: must hold the same examples, one or more; got lengths \[0\]"),
        ({"a": IDS, "b": IDS[:2]}, r"inputs: must hold the same examples, one or more; got lengths \[2, 5\]"),
    ],
)
def test_inputs_that_are_none_are_refused(multi_head, inputs, message):
    with pytest.raises(InvalidInputError, match=message):
        trace_keras(multi_head, inputs, attention="attention", hidden="embedding")


def test_models_that_cannot_be_traced_are_refused():
    with pytest.raises(InvalidInputError, match=r"model: must be a keras\.Model; got Dense"):
        trace_keras(layers.Dense(2), IDS, attention="a", hidden="b")
    ids, states = embedded()
    shared = layers.Dense(4, name="shared")
    twice = decided(ids, shared(shared(states)))
    with pytest.raises(
        InvalidInputError, match="hidden: a layer must be called once in a pass; 'shared' was called 2 times"
    ):
        trace_keras(twice, IDS, attention="embedding", hidden="shared")
