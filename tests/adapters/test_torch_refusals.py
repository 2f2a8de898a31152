"""What is no trace of a PyTorch module is refused by name, and nothing is left behind."""

import pytest

from attnstats.adapters import Input, Logits, Output, PositiveProbability, trace_keras, trace_torch
from attnstats.exceptions import InvalidInputError, MissingExtraError
from attnstats.trace import AttentionRow, Position
from tests.adapters.torch_modules import (
    BATCHES,
    IDS,
    LENGTHS,
    Additive,
    Named,
    Transformer,
    made,
    nn,
    of_additive,
    of_transformer,
    torch,
)


def test_arrays_that_are_no_trace_are_refused():
    module = made(Additive)
    with pytest.raises(InvalidInputError, match="tokens: must hold one string per real token"):
        of_additive(module, tokens=[["a"]] * 5)
    with torch.no_grad():
        module.embedding.weight[IDS[2, 1]] = torch.nan
    with pytest.raises(InvalidInputError, match=r"(attention|hidden|output): must be finite"):
        of_additive(module)


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
