"""Traces of PyTorch modules, against weights computed by hand from their parameters."""

import numpy as np
import pytest

from attnstats.adapters import Input, Logits, Output, PositiveProbability, trace_torch
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionRow, ClassToken, LastToken, MeanHead, MeanQuery, Position
from tests.adapters.torch_modules import (
    BATCHES,
    IDS,
    LENGTHS,
    REAL,
    Additive,
    Named,
    Recurrent,
    Transformer,
    made,
    nn,
    numbers,
    of_additive,
    of_transformer,
    real,
    torch,
)


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
    with pytest.raises(InvalidInputError, match=r"head: must not be given as metadata, .*; got 'mine'"):
        of_transformer(module, AttentionRow(head=1, query=Position(0)), hidden=value, head="mine")


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
