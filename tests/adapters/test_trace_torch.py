"""Traces of PyTorch modules, against weights computed by hand from their parameters."""

import numpy as np
import pytest

from attnstats.adapters import Input, Logits, Output, PositiveProbability, trace_keras, trace_torch
from attnstats.exceptions import InvalidInputError, MissingExtraError
from attnstats.trace import AttentionRow, ClassToken, LastToken, MeanHead, MeanQuery, Position

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence  # noqa: E402

LENGTHS = np.array([3, 1, 4, 2, 5])
IDS = np.where(np.arange(5) < LENGTHS[:, None], np.random.default_rng(0).integers(1, 9, size=(5, 5)), 0)
REAL = IDS != 0
#: Two batches, the first without the columns that none of its texts reaches.
BATCHES = [torch.tensor(IDS[:3, :4]), torch.tensor(IDS[3:])]


def real(ids):
    return ids != 0


def numbers(tensor):
    return tensor.detach().double().numpy()


def softmax(scores):
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


class Additive(nn.Module):
    """Own additive attention over embedded words; its weights come from a softmax of their own."""

    def __init__(self, dim=4, column=False):
        super().__init__()
        self.embedding = nn.Embedding(9, dim)
        self.inner, self.outer = nn.Linear(dim, 3), nn.Linear(3, 1, bias=False)
        self.weights, self.head = nn.Softmax(dim=1), nn.Linear(dim, 2)
        self.column = column

    def forward(self, ids):
        states = self.embedding(ids)
        scores = self.outer(torch.tanh(self.inner(states))).masked_fill((ids == 0)[:, :, None], -torch.inf)
        weights = self.weights(scores if self.column else scores[:, :, 0])
        return self.head(torch.einsum("nt,ntd->nd", weights[:, :, 0] if self.column else weights, states))

    def by_hand(self):
        """Weights, states and probabilities."""
        states = numbers(self.embedding.weight)[IDS]
        hidden = np.tanh(states @ numbers(self.inner.weight).T + numbers(self.inner.bias))
        weights = softmax(np.where(REAL, hidden @ numbers(self.outer.weight)[0], -np.inf))
        context = np.einsum("nt,ntd->nd", weights, states)
        return weights, states, softmax(context @ numbers(self.head.weight).T + numbers(self.head.bias))


def made(kind, *arguments, **options):
    torch.manual_seed(0)
    return kind(*arguments, **options).eval()


def of_additive(module, batches=BATCHES, **options):
    declared = {"attention": "weights", "hidden": "embedding", "output": Logits("head"), "mask": real}
    return trace_torch(module, batches, **{**declared, **options})


@pytest.mark.parametrize("column", [False, True])
def test_an_own_layer(column):
    module = made(Additive, column=column)
    trace = of_additive(module, seed=3)
    weights, states, output = module.by_hand()
    np.testing.assert_allclose(trace.attention, weights, rtol=1e-5, atol=1e-12)
    np.testing.assert_array_equal(trace.hidden[REAL], states[REAL].astype(np.float32))
    np.testing.assert_allclose(trace.output, output, rtol=1e-5)
    np.testing.assert_array_equal(trace.mask, REAL)
    assert trace.hidden.dtype == np.float32
    assert trace.metadata == {"seed": 3}


@pytest.mark.parametrize(("precision", "close"), [("bfloat16", 2e-2), ("float16", 4e-3), ("float64", 1e-12)])
def test_precisions(precision, close):
    module = made(Additive).to(getattr(torch, precision))
    trace = of_additive(module)
    np.testing.assert_allclose(trace.attention, module.by_hand()[0], atol=close)
    assert trace.hidden.dtype == {"bfloat16": "float32"}.get(precision, precision)


def test_rows_of_bfloat16_stay_as_they_are():
    module = made(Additive, 1).bfloat16()
    nn.init.zeros_(module.outer.weight)
    texts = torch.ones(2, 255, dtype=torch.long)
    trace = of_additive(module, [texts], hidden="embedding")
    rounded = float(torch.tensor(1 / 255).bfloat16())
    np.testing.assert_array_equal(trace.attention, np.full((2, 255), rounded))
    assert abs(255 * rounded - 1) > 1e-3


class Transformer(nn.Module):
    """A nn.MultiheadAttention between an embedding and a linear layer."""

    def __init__(self, batch_first=True, asks=True, averages=True):
        super().__init__()
        self.embedding = nn.Embedding(9, 4)
        self.attention = nn.MultiheadAttention(4, 2, batch_first=batch_first)
        self.head = nn.Linear(4, 2)
        self.batch_first, self.options = batch_first, {"need_weights": asks, "average_attn_weights": averages}

    def forward(self, ids, positional=False):
        states = self.embedding(ids)
        states = states if self.batch_first else states.transpose(0, 1)
        if positional:
            mixed, self.given = self.attention(states, states, states, ids == 0, self.options["need_weights"])
        else:
            mixed, self.given = self.attention(states, states, states, key_padding_mask=ids == 0, **self.options)
        mixed = mixed if self.batch_first else mixed.transpose(0, 1)
        return self.head(mixed[:, 0])

    def by_hand(self):
        """Weights of each head, (n, heads, queries, tokens), from queries and keys."""
        states = numbers(self.embedding.weight)[IDS]
        projected = states @ numbers(self.attention.in_proj_weight).T + numbers(self.attention.in_proj_bias)
        queries, keys, _ = np.split(projected, 3, axis=-1)
        heads = [
            softmax(
                np.where(
                    REAL[:, None], np.einsum("nqd,nkd->nqk", queries[..., part], keys[..., part]) / np.sqrt(2), -np.inf
                )
            )
            for part in (slice(0, 2), slice(2, 4))
        ]
        return np.stack(heads, axis=1), states


def of_transformer(module, row, batches=BATCHES, **options):
    declared = {"attention": "attention", "hidden": "embedding", "output": Logits("head"), "mask": real, "row": row}
    return trace_torch(module, batches, **{**declared, **options})


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("asks", [True, False])
@pytest.mark.parametrize("averages", [True, False])
def test_multi_head_attention(batch_first, asks, averages):
    module = made(Transformer, batch_first, asks, averages)
    weights, states = module.by_hand()
    last = weights[np.arange(5), :, LENGTHS - 1]
    value = Input("attention", "value")  # in the order of axes that the attention says it has
    for row, expected in (
        (AttentionRow(head=1, query=Position(0)), weights[:, 1, 0]),
        (AttentionRow(head=0, query=LastToken()), last[:, 0]),
        (AttentionRow(head=MeanHead(), query=LastToken()), last.mean(axis=1)),
        (
            AttentionRow(head=1, query=MeanQuery()),
            np.array([w[1, :n].mean(axis=0) for w, n in zip(weights, LENGTHS, strict=True)]),
        ),
    ):
        trace = of_transformer(module, row, hidden=value)
        np.testing.assert_allclose(trace.attention, expected, rtol=1e-5, atol=1e-12)
        np.testing.assert_allclose(trace.hidden[REAL], states[REAL], rtol=1e-6)
        assert trace.metadata == row.metadata


@pytest.mark.parametrize(
    ("asks", "averages", "shape"), [(False, True, None), (True, True, (2, 5, 5)), (True, False, (2, 2, 5, 5))]
)
def test_the_module_gets_the_weights_that_it_asked_for(asks, averages, shape):
    module = made(Transformer, True, asks, averages)
    of_transformer(module, AttentionRow(head=0, query=Position(0)))
    assert (None if module.given is None else tuple(module.given.shape)) == shape
    if averages and asks:
        np.testing.assert_allclose(numbers(module.given), module.by_hand()[0][3:].mean(axis=1), rtol=1e-5, atol=1e-12)
    assert torch.equal(module(BATCHES[1]), module(BATCHES[1]))


def test_need_weights_may_be_positional():
    module = made(Transformer, True, False)
    trace = of_transformer(
        module, AttentionRow(head=0, query=Position(0)), forward=lambda module, ids: module(ids, positional=True)
    )
    np.testing.assert_allclose(trace.attention, module.by_hand()[0][:, 0, 0], rtol=1e-5, atol=1e-12)


def test_the_encoder_of_pytorch_takes_no_path_around_its_submodules():
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)
    encoder = nn.TransformerEncoder(layer, 2).eval()
    head = nn.Linear(4, 2)
    module = nn.ModuleDict({"embedding": nn.Embedding(9, 4), "encoder": encoder, "head": head}).eval()

    def forward(module, ids):
        states = module["encoder"](module["embedding"](ids), src_key_padding_mask=ids == 0)
        return module["head"](states[:, 0])

    def trace(hidden):
        return trace_torch(
            module,
            BATCHES,
            attention="encoder.layers.1.self_attn",
            hidden=hidden,
            output=Logits("head"),
            row=AttentionRow(head=1, query=ClassToken()),
            mask=real,
            forward=forward,
        )

    found = trace(Input("encoder.layers.1"))
    attention = encoder.layers[1].self_attn
    with torch.no_grad():
        states = encoder.layers[0](module["embedding"](torch.tensor(IDS)), src_key_padding_mask=torch.tensor(IDS == 0))
        _, weights = attention(
            states, states, states, key_padding_mask=torch.tensor(IDS == 0), average_attn_weights=False
        )
    np.testing.assert_allclose(found.attention, numbers(weights)[:, 1, 0], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.hidden[REAL], numbers(states)[REAL], rtol=1e-4, atol=1e-6)
    assert trace(Output("encoder.layers.0")).hidden.shape == (5, 5, 4)
    assert torch.backends.mha.get_fastpath_enabled()


class Recurrent(nn.Module):
    """Dot-product attention over the packed states of a bidirectional LSTM, for two classes by one logit."""

    def __init__(self, batch_first=True):
        super().__init__()
        self.embedding = nn.Embedding(9, 4)
        self.encoder = nn.LSTM(4, 3, bidirectional=True, batch_first=batch_first)
        self.score, self.weights, self.head = nn.Linear(6, 1), nn.Softmax(dim=1), nn.Linear(6, 1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, ids, packs=True):
        lengths = (ids != 0).sum(dim=1)
        first = self.encoder.batch_first
        states = self.embedding(ids)
        if packs:
            packed = pack_padded_sequence(states, lengths, batch_first=True, enforce_sorted=False)
            states, _ = pad_packed_sequence(self.encoder(packed)[0], batch_first=True)
        else:
            states = self.encoder(states if first else states.transpose(0, 1))[0]
            states = states if first else states.transpose(0, 1)
        hidden = torch.arange(states.shape[1]) >= lengths[:, None]
        weights = self.weights(self.score(states)[:, :, 0].masked_fill(hidden, -torch.inf))
        logit = self.head(torch.einsum("nt,ntd->nd", weights, states))
        self.sigmoid(logit)
        return {"logit": logit[:, 0], "other": 1}


@pytest.mark.parametrize("given", ["packed", "declared", "both"])
def test_packed_sequences_are_unpacked_with_their_mask(given):
    module = made(Recurrent)
    # Both wider than the longest text, which packing forgets.
    wide = [torch.tensor(np.pad(each, [(0, 0), (0, 2)])) for each in (IDS[:3], IDS[3:])]
    trace = trace_torch(
        module,
        wide,
        attention="weights",
        hidden="encoder",
        output=Logits(Output("", part="logit")),
        mask=None if given == "packed" else real,
    )
    np.testing.assert_array_equal(trace.mask, REAL)
    for text, length, attention, hidden, output in zip(
        IDS, LENGTHS, trace.attention, trace.hidden, trace.output, strict=True
    ):
        with torch.no_grad():
            states = module.encoder(module.embedding(torch.tensor(text[None, :length])))[0]
            weights = torch.softmax(module.score(states)[0, :, 0], dim=0)
            logit = float(module.head(weights @ states[0]))
        np.testing.assert_allclose(hidden[:length], numbers(states)[0], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(attention[:length], numbers(weights), rtol=1e-4)
        np.testing.assert_allclose(output, [1 / (1 + np.exp(logit)), 1 / (1 + np.exp(-logit))], rtol=1e-4)


def test_a_mask_that_contradicts_the_packing_is_refused():
    with pytest.raises(
        InvalidInputError, match=r"mask: must agree with the packed sequence; got 4 real tokens in example 0"
    ):
        trace_torch(
            made(Recurrent),
            BATCHES,
            attention="weights",
            hidden="encoder",
            output=Logits("head"),
            mask=lambda ids: torch.ones_like(ids),
        )


@pytest.mark.parametrize("batch_first", [True, False])
def test_recurrent_layers_keep_their_order_of_axes(batch_first):
    module = made(Recurrent, batch_first)
    lone = [torch.tensor(IDS[2:3, :4]), torch.tensor(IDS[4:])]  # one text each, so that no padding is read
    options = {"attention": "weights", "hidden": "encoder", "forward": lambda module, ids: module(ids, packs=False)}
    trace = trace_torch(module, lone, output=PositiveProbability("sigmoid"), mask=real, **options)
    with torch.no_grad():
        states = module.embedding(lone[1])
        states = module.encoder(states if batch_first else states.transpose(0, 1))[0]
    np.testing.assert_allclose(trace.hidden[1], numbers(states.reshape(5, 6)), rtol=1e-5)
    np.testing.assert_allclose(trace.output.sum(axis=1), 1)
    logits = trace_torch(module, lone, output=Logits("head"), mask=real, **options)
    np.testing.assert_allclose(trace.output, logits.output, rtol=1e-5)


class Named(nn.Module):
    """Takes named arguments, as models of transformers do."""

    def __init__(self):
        super().__init__()
        self.inner = Additive()
        self.probabilities = nn.Softmax(dim=1)

    def forward(self, input_ids, attention_mask=None):
        assert attention_mask is not None
        return {"logits": self.inner(input_ids), "probabilities": self.probabilities(self.inner.head.weight)}


def test_batches_may_be_mappings_or_tuples():
    module = made(Named)
    labels = np.array([0, 1, 1, 0, 1])
    parts = (slice(0, 3), slice(3, 5))
    dicts = [
        {
            "input_ids": torch.tensor(IDS[p]),
            "attention_mask": torch.tensor(REAL[p]).long(),
            "labels": torch.tensor(labels[p]),
        }
        for p in parts
    ]
    options = {"attention": "inner.weights", "hidden": "inner.embedding", "output": Logits(Output("", part="logits"))}
    one = trace_torch(module, dicts, mask="attention_mask", label="labels", **options)
    two = trace_torch(module, [tuple(each.values()) for each in dicts], mask=1, label=2, tokens=None, **options)
    three = of_additive(module.inner, [{"ids": d["input_ids"], "m": d["attention_mask"]} for d in dicts], mask="m")
    for trace in (two, three):
        np.testing.assert_array_equal(one.attention, trace.attention)
        np.testing.assert_array_equal(one.output, trace.output)
    np.testing.assert_array_equal(one.label, labels)
    np.testing.assert_array_equal(two.label, labels)
    with pytest.raises(InvalidInputError, match=r"batches: must hold what the module takes, .*; got labels"):
        trace_torch(module, dicts, mask="attention_mask", **options)
    with pytest.raises(
        InvalidInputError, match="label: must be an entry of every batch; got 'label'; near it are 'labels'"
    ):
        trace_torch(module, dicts, mask="attention_mask", label="label", **options)


def test_tokens_and_classes():
    module = made(Additive)
    tokens = [[f"w{each}" for each in text[text != 0]] for text in IDS]
    trace = of_additive(module, tokens=tokens, label=lambda ids: ids[:, 0] % 2)
    assert trace.tokens(4) == tokens[4]
    assert trace.label.tolist() == (IDS[:, 0] % 2).tolist()

    class Decided(Additive):
        def forward(self, ids):
            return super().forward(ids).argmax(dim=1)

    np.testing.assert_array_equal(of_additive(made(Decided), output="").predicted, trace.predicted)


def test_arrays_that_are_no_trace_are_refused():
    module = made(Additive)
    with pytest.raises(InvalidInputError, match="tokens: must hold one string per real token"):
        of_additive(module, tokens=[["a"]] * 5)
    with torch.no_grad():
        module.embedding.weight[IDS[2, 1]] = torch.nan
    with pytest.raises(InvalidInputError, match=r"(attention|hidden|output): must be finite"):
        of_additive(module)


def test_operations_in_place_do_not_reach_what_was_kept():
    class Zeroing(nn.Module):
        def forward(self, states):
            return states.zero_()

    class Once(Additive):
        """Its embedding is called once; what is marked is changed after it was used."""

        def forward(self, ids):
            states = self.embedding(ids)
            weights = self.weights(
                self.outer(torch.tanh(self.inner(states)))[:, :, 0].masked_fill(ids == 0, -torch.inf)
            )
            logits = self.head(torch.einsum("nt,ntd->nd", weights, states))
            self.marked(states).zero_()
            return logits

    module = made(Once)
    expected = module.by_hand()[1].astype(np.float32)
    for marked in (nn.Identity(), Zeroing()):
        module.marked = marked.eval()
        for hidden in ("embedding", Input("marked")):
            trace = of_additive(module, hidden=hidden)
            np.testing.assert_array_equal(trace.hidden[REAL], expected[REAL])


def test_attention_to_padding_is_refused_with_what_the_model_lacks():
    class Unmasked(Transformer):
        def forward(self, ids):
            states = self.embedding(ids)
            return self.head(self.attention(states, states, states)[0][:, 0])

    module = made(Unmasked)
    row = AttentionRow(head=0, query=Position(0))
    with pytest.raises(InvalidInputError, match="attention: must be exactly zero at padding; the model attends to"):
        of_transformer(module, row)
    lone = [torch.tensor(text[None, :length]) for text, length in zip(IDS, LENGTHS, strict=True)]
    assert of_transformer(module, row, lone, mask=None).lengths.tolist() == LENGTHS.tolist()


def test_rows_are_renormalised_where_that_is_declared():
    class Halved(Additive):
        def forward(self, ids):
            self.scaled(0.5 * torch.softmax(ids * 0.0, dim=1))
            return super().forward(ids)

    module = made(Halved)
    module.scaled = nn.Identity()
    texts = [torch.ones(2, 4, dtype=torch.long)]
    with pytest.raises(InvalidInputError, match=r"attention: each row must sum to 1; got 0\.5 .* renormalize=True"):
        of_additive(module.eval(), texts, attention="scaled")
    trace = of_additive(module, texts, attention="scaled", renormalize=True)
    np.testing.assert_array_equal(trace.attention, np.full((2, 4), 0.25))


def test_batches_of_a_loader():
    module = made(Additive)
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(torch.tensor(IDS), torch.tensor([0, 1, 0, 1, 0])), batch_size=2
    )
    trace = of_additive(module, loader, mask=lambda batch: batch[0] != 0, label=1)
    np.testing.assert_allclose(trace.attention, module.by_hand()[0], rtol=1e-5, atol=1e-12)
    assert trace.label.tolist() == [0, 1, 0, 1, 0]


def test_heads_without_a_choice_are_refused():
    with pytest.raises(InvalidInputError, match=r"attention: .*choose a head and the query whose .*: row=AttentionRow"):
        of_transformer(made(Transformer), None)
    with pytest.raises(InvalidInputError, match="must lie within each text; got one of"):
        of_transformer(made(Transformer), AttentionRow(head=0, query=Position(7)))


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr("attnstats.exceptions.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'attnstats\[torch\]'"):
        of_additive(made(Additive))
    with pytest.raises(MissingExtraError, match=r"pip install 'attnstats\[models\]'"):
        trace_keras(None, IDS, attention="a", hidden="h")


def test_nothing_is_left_behind():
    module = made(Additive)
    for parameter in module.parameters():
        parameter.requires_grad_()
    of_additive(module)

    class Failing(Additive):
        def forward(self, ids):
            super().forward(ids)
            raise ArithmeticError("in the pass")

    failing, attention = made(Failing), made(Transformer)
    with pytest.raises(ArithmeticError, match="in the pass"):
        of_additive(failing)
    with pytest.raises(InvalidInputError, match="must lie within each text; got one of"):
        of_transformer(attention, AttentionRow(head=0, query=Position(7)))
    for each in (module, failing, attention):
        for submodule in each.modules():
            assert not submodule._forward_hooks
            assert not submodule._forward_pre_hooks
        assert all(parameter.grad is None for parameter in each.parameters())
    assert torch.is_grad_enabled()
    assert torch.backends.mha.get_fastpath_enabled()
    assert module(BATCHES[0]).requires_grad


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"attention": "weigths"},
            "attention: must name a submodule of the model; got 'weigths'; near it are 'weights'",
        ),
        ({"hidden": "encoder.embedding"}, "hidden: must name .* near it are 'embedding'"),
        ({"output": Logits("zzz")}, "output: must name .*; there are 'embedding', 'inner', .*"),
        ({"attention": 3}, r"attention: must be an object such as a name, Output\(name"),
        ({"output": "head"}, r"output: must be class probabilities.*; got values from .*declare output=Logits\(name\)"),
        ({"output": "outer"}, r"output: must have shape \(n, n_classes\) or \(n,\); got \(3, 4, 1\)"),
        ({"output": PositiveProbability("head")}, "output: the probability of class 1 must be one column"),
        ({"output": Logits("embedding")}, r"output: must have shape \(n, n_classes\)"),
        ({"attention": "inner"}, "hidden: must have a state for each token that attention weighs; got attention of"),
        ({"hidden": "head"}, "hidden: must have shape"),
        ({"attention": Output("weights", part=1)}, "attention: 'weights' returns one value, which has no part 1"),
        ({"hidden": Input("embedding", part="ids")}, "hidden: 'embedding' has no argument 'ids'; it gets input"),
        ({"hidden": Input("inner", part=3)}, "hidden: 'inner' has no argument 3"),
        ({"row": AttentionRow(head=0)}, "attention: must be real with 3 dimensions"),
        ({"row": 1}, "row: must be an object"),
        ({"mask": lambda ids: ids == 0}, "attention: must be exactly zero at padding|mask: every example"),
        ({"mask": "mask"}, "mask: must be an entry of every batch; got 'mask'; a Tensor"),
        ({"mask": True}, "mask: must be a key, a number or a function"),
        ({"mask": lambda ids: ids[:, :1] != 0}, "mask: must be boolean of shape"),
        ({"label": lambda ids: ids[0]}, "label: must have one entry for each of 3 examples"),
        ({"forward": "no"}, "forward: must be a function"),
        ({"run": None}, "run: metadata must be"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    with pytest.raises(InvalidInputError, match=message):
        of_additive(made(Additive), **change)


@pytest.mark.parametrize(
    ("batches", "message"),
    [
        (BATCHES[0], r"batches: must be an iterable of batches; got a Tensor; pass \[batch\]"),
        ({"ids": BATCHES[0]}, "batches: must be an iterable of batches; got a dict"),
        (5, "batches: must be an iterable"),
        ([], "batches: must hold a batch"),
        ([BATCHES[0], BATCHES[0][:0]], "batches: must hold an example each"),
        ([{"ids": BATCHES[0], "x": 1}], "batches: must hold what the module takes, ids; got x"),
    ],
)
def test_batches_that_are_none_are_refused(batches, message):
    with pytest.raises(InvalidInputError, match=message):
        of_additive(made(Additive), batches)


def test_modules_that_cannot_be_traced_are_refused():
    with pytest.raises(
        InvalidInputError, match=r"module: must be in evaluation mode.*got training mode; call module.eval"
    ):
        of_additive(made(Additive).train())
    module = made(Additive)
    module.inner.train()
    with pytest.raises(InvalidInputError, match="got training mode in its submodule 'inner'"):
        of_additive(module)
    for none in (lambda ids: ids, None, Additive):
        with pytest.raises(InvalidInputError, match=r"module: must be a torch\.nn\.Module"):
            of_additive(none)

    class Twice(Additive):
        def forward(self, ids):
            self.embedding(ids)
            return super().forward(ids)

    with pytest.raises(
        InvalidInputError, match=r"hidden: .* 'embedding' was called 2 times in one pass; an nn.Identity"
    ):
        of_additive(made(Twice))

    class Never(Additive):
        def forward(self, ids):
            scores = self.weights(super().forward(ids))
            return scores

    module = made(Never)
    module.spare = nn.Identity()
    with pytest.raises(InvalidInputError, match=r"attention: .* 'spare' was not called in the pass"):
        of_additive(module.eval(), hidden="spare", attention="spare")
    several = made(Named)
    with pytest.raises(
        InvalidInputError, match="output: '' returns several values; say which: part= one of 'logits', 'pro"
    ):
        trace_torch(several, [(BATCHES[0], BATCHES[0])], attention="inner.weights", hidden="inner.embedding", output="")
    with pytest.raises(InvalidInputError, match="output: '' has no part 'logit'; it returns 'logits', 'probabilities'"):
        trace_torch(
            several,
            [(BATCHES[0], BATCHES[0])],
            attention="inner.weights",
            hidden="inner.embedding",
            output=Logits(Output("", "logit")),
        )


def test_states_of_other_widths_are_refused():
    class Prefixed(Additive):
        def forward(self, ids):
            self.marked(torch.cat([self.embedding(ids[:, :1]), self.embedding(ids)], dim=1))
            return super().forward(ids)

    module = made(Prefixed)
    module.marked = nn.Identity()
    with pytest.raises(
        InvalidInputError, match=r"hidden: must have a state for each token .*\(3, 4\) and .*\(3, 5, 4\)"
    ):
        of_additive(module.eval(), hidden="marked")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Output(3), "name: must be a text"),
        (lambda: Output("a", 1.5), "part: must be a number or a name"),
        (lambda: Input("a", True), "part: must be a number or a name"),
        (lambda: Logits(3), "of: must be an object such as a name"),
        (lambda: PositiveProbability(None), "of: must be an object such as a name"),
    ],
)
def test_what_cannot_be_captured(make, message):
    with pytest.raises(InvalidInputError, match=message):
        make()
