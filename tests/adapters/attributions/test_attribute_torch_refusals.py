"""What cannot be attributed to the tokens of a PyTorch module is refused by name, and nothing is left behind."""

import numpy as np
import pytest

from attnstats.adapters import (
    AttentionRollout,
    AttentionTimesGradient,
    ClassLogit,
    Deleted,
    GradientTimesInput,
    IntegratedGradients,
    LeaveOneOut,
    Logits,
    MaskToken,
    PadToken,
    PositiveProbability,
    ZeroEmbedding,
    attribute_torch,
)
from attnstats.exceptions import InvalidInputError, MissingExtraError, NonFiniteError
from tests.adapters.attributions.torch_classifiers import BATCHES, REAL, Recurrent, Transformer, made, nn, real, torch

METHODS = (GradientTimesInput(), IntegratedGradients(), LeaveOneOut(ZeroEmbedding()))


def of(module, attribution=METHODS[0], batches=BATCHES, **options):
    return attribute_torch(
        module, batches, attribution, **{"embedding": "embedding", "output": Logits(), "mask": real, **options}
    )


@pytest.mark.parametrize(
    ("attribution", "message"),
    [
        (AttentionRollout(), r"attribution: must be by the embeddings, .* got AttentionRollout\(.*its attention"),
        (AttentionTimesGradient(), r"attribution: must be by the embeddings, .* got AttentionTimesGradient\("),
        (LeaveOneOut(), r"attribution: must put ZeroEmbedding\(\) in the place of a token, .*; got Deleted\(\)"),
        (LeaveOneOut(MaskToken()), r"attribution: must put ZeroEmbedding\(\) .*; got MaskToken\(\)"),
        (IntegratedGradients(baseline=PadToken()), r"attribution: must put ZeroEmbedding\(\) .*; got PadToken\(\)"),
        (GradientTimesInput, r"attribution: must be an object such as GradientTimesInput\(\)"),
        (Deleted(), r"attribution: must be an object such as GradientTimesInput\(\)"),
    ],
)
def test_methods_that_need_more_than_a_module_are_refused(attribution, message):
    with pytest.raises(InvalidInputError, match=message):
        of(made(Recurrent), attribution)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"embedding": "embeding"},
            "embedding: must name a submodule of the model; got 'embeding'; near it are 'embed",
        ),
        ({"embedding": 3}, "embedding: must be a text"),
        ({"embedding": "head"}, r"embedding: must return vectors of shape \(n_examples, n_tokens, dim\).*\(2, 3\)"),
        ({"embedding": "encoder"}, r"embedding: must return a tensor; got a PackedSequence; embed padded texts"),
        ({"output": "head"}, r"output: must be class probabilities.*declare output=Logits\(name\)"),
        ({"output": PositiveProbability("head")}, "output: the probability of class 1 must be one column"),
        ({"output": Logits("embedding")}, r"output: must have shape \(n, n_classes\)"),
        ({"output": 3}, r"output: must be an object such as a name"),
        ({"output": "head", "attributed": ClassLogit()}, r"attributed: must be ClassProbability\(\) unless output is"),
        ({"attributed": "logit"}, r"attributed: must be an object such as ClassProbability\(\)"),
        ({"target": 3}, "target: must lie in 0 to 2; got 3$"),
        ({"target": [0, 1, 2, -1]}, "target: must lie in 0 to 2; got -1 for text 3"),
        ({"target": [0, 1, 2]}, "target: must be one or one for each text; got 3 of more texts"),
        ({"target": [0] * 5}, "target: must be one or one for each text; got 5 of 4 texts"),
        ({"target": 0.5}, "target: must be a class or one for each text; got float64"),
        ({"mask": lambda ids: ids[:, :1] != 0}, "mask: must be boolean of shape"),
        ({"mask": lambda ids: ids == -1}, "mask: every example must have a real token"),
        ({"mask": "mask"}, "mask: must be an entry of every batch; got 'mask'"),
        ({"forward": "no"}, "forward: must be a function"),
        ({"batches": BATCHES[0]}, r"batches: must be an iterable of batches; got a Tensor; pass \[batch\]"),
        ({"batches": []}, "batches: must hold a batch; got none"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    with pytest.raises(InvalidInputError, match=message):
        of(made(Recurrent), **change)


def test_modules_that_cannot_be_attributed_are_refused():
    for none, message in (
        (made(Recurrent).train(), "module: must be in evaluation mode"),
        (lambda ids: ids, r"module: must be a torch\.nn\.Module"),
    ):
        with pytest.raises(InvalidInputError, match=message):
            of(none)

    class Twice(Recurrent):
        def forward(self, ids):
            self.embedding(ids)
            return super().forward(ids)

    with pytest.raises(InvalidInputError, match=r"embedding: .* 'embedding' was called 2 times in one pass"):
        of(made(Twice))
    unused = made(Recurrent)
    unused.spare = nn.Embedding(3, 4).eval()
    with pytest.raises(InvalidInputError, match=r"embedding: .* 'spare' was not called in the pass"):
        of(unused, embedding="spare")

    class Unpacked(Recurrent):
        def forward(self, ids):
            return self.head(self.encoder(self.embedding(ids))[0].mean(dim=1))

    with pytest.raises(InvalidInputError, match="embedding: must be a submodule that returns one tensor; got a tuple"):
        of(made(Unpacked), embedding="encoder")

    class Classes(Recurrent):
        def forward(self, ids):
            return super().forward(ids).argmax(dim=1)

    with pytest.raises(InvalidInputError, match=r"output: must be probabilities or Logits\(name\) .* got torch.int64"):
        of(made(Classes), output="")

    class Fewer(Recurrent):
        def forward(self, ids):
            return super().forward(ids)[:1]

    with pytest.raises(InvalidInputError, match=r"output: must be .* of each of 2 examples; got .* \(1, 3\)"):
        of(made(Fewer))


class WithoutGradient(Recurrent):
    """Computes everything without a gradient."""

    @torch.no_grad()
    def forward(self, ids):
        return super().forward(ids)


class Detached(Transformer):
    """Its output has a gradient by the parameters of its head alone."""

    def forward(self, ids):
        return self.head(self.embedding(ids).detach().mean(dim=1))


@pytest.mark.parametrize("kind", [WithoutGradient, Detached])
def test_without_a_gradient_only_leaving_out_is_to_be_had(kind):
    module = made(kind)
    for attribution in METHODS[:2]:
        with pytest.raises(InvalidInputError, match="embedding: must be what the output has a gradient by"):
            of(module, attribution)
    assert np.abs(of(module, METHODS[2]).scores[REAL]).min() > 0


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr("attnstats.exceptions.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'attnstats\[torch\]'"):
        of(None)


def test_outputs_that_are_not_finite_name_the_text():
    module = made(Recurrent)
    with torch.no_grad():
        module.embedding.weight[9] = torch.nan
    with pytest.raises(NonFiniteError, match="output: must be finite; got NaN or infinity in text 2"):
        of(module)


def test_nothing_is_left_behind():
    class Failing(Recurrent):
        def forward(self, ids):
            if torch.is_grad_enabled():
                raise ArithmeticError("in the pass")
            return super().forward(ids)

    module, failing = made(Recurrent), made(Failing)
    module.inner.weight.requires_grad_(False)
    before = {name: each.detach().clone() for name, each in module.named_parameters()}
    for attribution in METHODS:
        of(module, attribution)
    with pytest.raises(ArithmeticError, match="in the pass"):
        of(failing)
    for each in (module, failing):
        for submodule in each.modules():
            assert not submodule._forward_hooks
            assert not submodule._forward_pre_hooks
        assert all(parameter.grad is None for parameter in each.parameters())
    assert {name for name, each in module.named_parameters() if not each.requires_grad} == {"inner.weight"}
    assert all(torch.equal(each, before[name]) for name, each in module.named_parameters())
    assert torch.is_grad_enabled()
    assert torch.backends.mha.get_fastpath_enabled()
    assert module(BATCHES[0]).requires_grad


def test_the_mode_of_the_caller_does_not_matter():
    module = made(Transformer)
    expected = of(module).scores
    for mode in (torch.no_grad(), torch.inference_mode()):
        with mode:
            np.testing.assert_array_equal(of(module).scores, expected)
            assert not torch.is_grad_enabled()
    frozen = made(Transformer).requires_grad_(False)
    np.testing.assert_allclose(of(frozen).scores, expected, atol=1e-14)


def test_batches_are_those_of_a_trace():
    module = made(Recurrent)
    expected = of(module).scores
    pairs = [(ids, torch.zeros(len(ids))) for ids in BATCHES]
    mappings = [{"ids": ids, "label": torch.zeros(len(ids)), "real": real(ids).long()} for ids in BATCHES]
    for given, options in (
        (pairs, {"mask": lambda batch: real(batch[0]), "label": 1}),
        (mappings, {"mask": "real", "label": "label"}),
        (iter(mappings), {"mask": "real", "forward": lambda module, batch: module(batch["ids"])}),
    ):
        np.testing.assert_array_equal(of(module, METHODS[0], given, **options).scores, expected)
    np.testing.assert_array_equal(of(nn.Sequential(module).eval(), embedding="0.embedding").scores, expected)
