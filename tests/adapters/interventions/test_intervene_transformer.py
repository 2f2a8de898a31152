"""What a run leaves behind, which layers it computes, what is refused, and the weights that are permuted."""

import numpy as np
import pytest

from attnstats.adapters import (
    HeadIntervention,
    HeadPass,
    MeanOutput,
    PermutedWeights,
    UniformWeights,
    ZeroedOutput,
    intervene_transformer,
)
from attnstats.adapters.interventions._attention_calls import AttentionCalls
from attnstats.adapters.interventions._replay import Replay
from attnstats.exceptions import InvalidInputError, MissingExtraError, NonFiniteError

pytestmark = pytest.mark.filterwarnings("ignore:.*ForSequenceClassification")
EVERY = [UniformWeights(), PermutedWeights(), PermutedWeights(each_row=True), ZeroedOutput(), MeanOutput()]


@pytest.fixture(scope="module")
def model(build, word_pieces):
    return build("bert", word_pieces)


class Failing(HeadIntervention):
    name, holds_fixed = "failing", "nothing"

    def output(self, *_):
        raise RuntimeError("on purpose")


def check_untouched(model, file, computed):
    assert file.eager_attention_forward is computed
    assert model.config._attn_implementation == "sdpa"
    assert not model.training
    for part in model.modules():
        assert "forward" not in vars(part)
        assert not part._forward_hooks
        assert not part._forward_pre_hooks


def test_nothing_is_left_behind(model, word_pieces, texts):
    file = pytest.importorskip("transformers.models.bert.modeling_bert")
    computed = file.eager_attention_forward
    first = intervene_transformer(model, word_pieces, texts, EVERY, rng=0)
    check_untouched(model, file, computed)
    with pytest.raises(RuntimeError, match="on purpose"):
        intervene_transformer(model, word_pieces, texts, Failing(), heads=[(1, 0)])
    check_untouched(model, file, computed)
    second = intervene_transformer(model, word_pieces, texts, EVERY, rng=0)
    np.testing.assert_array_equal(first.output, second.output)
    np.testing.assert_array_equal(first.intact, second.intact)
    assert first.metadata["computed_by"] == "eager attention in place of sdpa"


def test_a_method_that_another_library_put_on_a_layer_stays(build, word_pieces, texts):
    model = build("bert", word_pieces)
    plain = intervene_transformer(model, word_pieces, texts, ZeroedOutput())
    layer = model.bert.encoder.layer[0]
    own = layer.forward
    vars(layer)["forward"] = own
    found = intervene_transformer(model, word_pieces, texts, ZeroedOutput())
    np.testing.assert_array_equal(found.output, plain.output)
    assert vars(layer)["forward"] is own


def test_calls_of_another_model_pass(model, build, word_pieces):
    torch = pytest.importorskip("torch")
    other, seen = build("bert", word_pieces), []
    other.set_attn_implementation("eager")
    with AttentionCalls(model) as calls, calls.handled(lambda number, _: seen.append(number)):
        other(torch.tensor([[2, 5, 3]]))
        assert seen == []
        model.set_attn_implementation("eager")
        model(torch.tensor([[2, 5, 3]]))
        model.set_attn_implementation("sdpa")
    assert seen == [0, 1]


def test_layers_below_are_computed_once(model, word_pieces, texts):
    passes = []
    for layer in range(2):
        place, count = model.bert.encoder.layer[layer].attention.self.query, []
        hook = place.register_forward_hook(lambda *_, count=count: count.append(1))
        intervene_transformer(model, word_pieces, texts, ZeroedOutput(), heads=[(1, 0), (1, 1)])
        hook.remove()
        passes.append(len(count))
    n_batches = len({len(ids) for ids in word_pieces(texts)["input_ids"]})
    assert passes == [n_batches + 1, 3 * n_batches + 2]  # one text is run twice first, to find out how the model works


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["bert", "gpt2", "gemma3_text", "jamba", "albert"])
def test_that_they_are_computed_once_changes_nothing(architecture, build, texts, request, monkeypatch):
    tokenizer = request.getfixturevalue("word_pieces" if architecture in ("bert", "albert") else "byte_level")
    model = build(architecture, tokenizer)
    found = intervene_transformer(model, tokenizer, texts, EVERY, rng=0)
    monkeypatch.setattr(Replay, "upto", lambda *_: 0)
    anew = intervene_transformer(model, tokenizer, texts, EVERY, rng=0)
    np.testing.assert_array_equal(found.output, anew.output)


def test_layers_that_pass_more_on_than_they_return_are_computed_anew(build, word_pieces, texts, monkeypatch):
    model, passed = build("bert", word_pieces), []
    first, last = model.bert.encoder.layer
    first.attention.register_forward_hook(lambda _, __, output: passed.append(3 * output[0]))
    last.register_forward_pre_hook(lambda _, inputs: (inputs[0] + (passed.pop() if passed else 0), *inputs[1:]))
    found = intervene_transformer(model, word_pieces, texts, ZeroedOutput())
    monkeypatch.setattr(Replay, "upto", lambda *_: 0)
    np.testing.assert_array_equal(found.output, intervene_transformer(model, word_pieces, texts, ZeroedOutput()).output)


def test_layers_that_may_leave_something_for_later_ones_are_computed_anew(build, word_pieces, texts):
    model, count = build("bert", word_pieces), []
    for layer in model.bert.encoder.layer:
        layer.register_forward_pre_hook(lambda _, args, kwargs: (args, {**kwargs, "shared": {}}), with_kwargs=True)
    model.bert.encoder.layer[0].attention.self.query.register_forward_hook(lambda *_: count.append(1))
    intervene_transformer(model, word_pieces, texts, ZeroedOutput(), heads=[(1, 0), (1, 1)])
    assert len(count) == 3 * len({len(ids) for ids in word_pieces(texts)["input_ids"]}) + 1


def test_batches_change_nothing(model, word_pieces, texts):
    one, two = (intervene_transformer(model, word_pieces, texts, EVERY, batch_size=size, rng=3) for size in (1, 32))
    np.testing.assert_allclose(one.output, two.output, atol=1e-6)


@pytest.mark.parametrize("each_row", [False, True])
def test_permutations_hang_neither_on_batches_nor_on_what_is_asked_beside_them(model, word_pieces, each_row):
    equal = ["good film", "bad film", "film good", "dull plot", "plot bad"]  # all run together
    both, shuffled = [(0, 1), (1, 0)], PermutedWeights(each_row)
    one, two = (
        intervene_transformer(model, word_pieces, equal, shuffled, heads=[both, (1, 0)], batch_size=size, rng=3).output
        for size in (2, 32)
    )
    np.testing.assert_allclose(one, two, atol=1e-6)
    several = [ZeroedOutput(), shuffled]
    beside = intervene_transformer(model, word_pieces, equal, several, heads=[(0, 0), (1, 0)], rng=3).output
    np.testing.assert_allclose(beside[1, 1], two[0, 1], atol=1e-6)
    assert np.abs(two[0, 0] - two[0, 1]).max() > 1e-6


def test_a_generator_of_texts_is_refused(model, word_pieces):
    with pytest.raises(InvalidInputError, match="texts: must be a sequence of texts"):
        intervene_transformer(model, word_pieces, (text for text in ["good film"]), ZeroedOutput())


def test_a_language_model_chooses_between_answers(build, byte_level, texts):
    torch = pytest.importorskip("torch")
    model = build("gpt2", byte_level, kind="AutoModelForCausalLM")
    found = intervene_transformer(model, byte_level, texts, ZeroedOutput(), heads=[(0, 1)], answers=[" a", "b"])
    ids = byte_level.convert_tokens_to_ids(["Ġa", "b"])
    with torch.inference_mode():
        logits = [model(**byte_level(text, return_tensors="pt")).logits[0, -1, ids] for text in texts]
    np.testing.assert_allclose(found.intact, torch.stack(logits).double().softmax(dim=1).numpy(), atol=1e-6)
    assert np.abs(found.output - found.intact).max() > 1e-4


def test_what_the_result_holds(model, word_pieces, texts):
    labels = [0, 1, 2, 0, 1, 2]
    given = [text.split() for text in texts]
    found = intervene_transformer(
        model, word_pieces, given, EVERY[3:], labels=labels, heads=[(1, 3), [(0, 0), (1, 1)]], dataset="toy"
    )
    assert found.heads == (((1, 3),), ((0, 0), (1, 1)))
    assert found.texts == tuple(texts)
    assert found.labels.tolist() == labels
    assert found.output.shape == (2, 2, 6, 3)
    assert repr(found) == (
        "IntervenedHeads(zeroed, mean; 2 sets of heads, 6 texts, "
        "model='BertForSequenceClassification', computed_by='eager attention in place of sdpa', dataset='toy')"
    )


def shuffled(weights, allowed, each_row, seed=0):
    """The weights that a head gets: its values are the tokens themselves."""
    torch = pytest.importorskip("torch")
    values = torch.eye(weights.shape[-1], dtype=torch.float64).expand(weights.shape)
    of = HeadPass(torch.tensor(weights), torch.tensor(allowed), values, None)
    return PermutedWeights(each_row).output(of, np.random.default_rng(seed)).numpy()


@pytest.mark.parametrize("each_row", [False, True])
def test_permuted_weights_stay_in_their_row_and_where_it_may_look(each_row):
    rng = np.random.default_rng(0)
    weights = rng.dirichlet(np.ones(6), size=(40, 2, 6))
    allowed = np.broadcast_to(np.tri(6, dtype=bool) & ~np.tri(6, k=-4, dtype=bool), weights.shape)
    weights = np.where(allowed, weights, 0)
    found = shuffled(weights, allowed, each_row)
    assert not found[~allowed].any()
    np.testing.assert_array_equal(np.sort(found, axis=-1), np.sort(weights, axis=-1))
    assert (found != weights).any(axis=-1)[:, :, 1:].mean() > 0.5


def test_one_order_of_the_tokens_for_a_text_and_head_or_one_for_each_row():
    rng = np.random.default_rng(0)
    weights = rng.dirichlet(np.ones(5), size=(300, 2, 5))
    allowed = np.ones(weights.shape, dtype=bool)
    together, apart = (shuffled(weights, allowed, each_row) for each_row in (False, True))

    def orders(found):  # whence each weight came
        return (found[..., :, None] == weights[..., None, :]).argmax(axis=-1)

    assert (orders(together) == orders(together)[:, :, :1]).all()
    assert (orders(together)[:, 0] != orders(together)[:, 1]).any()
    assert not (orders(apart) == orders(apart)[:, :, :1]).all()
    for found in (together, apart):  # each place is as likely as any other
        came = np.stack([(orders(found) == token).mean(axis=(0, 1, 2)) for token in range(5)])
        np.testing.assert_allclose(came, 0.2, atol=0.06)


def refused(match, *arguments, error=InvalidInputError, **keywords):
    with pytest.raises(error, match=match):
        intervene_transformer(*arguments, **keywords)


def test_heads_may_be_arrays(model, word_pieces, texts):
    given = model, word_pieces, texts, ZeroedOutput()
    for heads, expected in (
        (np.array([[1, 3], [0, 0]]), (((1, 3),), ((0, 0),))),
        (np.array([[[1, 3], [0, 0]]]), (((1, 3), (0, 0)),)),
        ([np.array([1, 3]), [np.array([0, 0]), (1, 1)]], (((1, 3),), ((0, 0), (1, 1)))),
        ([(np.int64(1), np.int64(3))], (((1, 3),),)),
    ):
        found = intervene_transformer(*given, heads=heads)
        assert found.heads == expected
        assert all(type(number) is int for of in found.heads for head in of for number in head)


def test_what_is_found_in_a_run_is_no_metadata_of_the_caller(model, word_pieces, texts):
    given = model, word_pieces, texts, ZeroedOutput()
    refused("computed_by: must not be given as metadata, .*; got 'me'", *given, computed_by="me")
    refused("texts_cut: must not be given as metadata, .*; got 4", *given, texts_cut=4)


def test_heads_that_are_none_are_refused(model, word_pieces, texts):
    given = model, word_pieces, texts, ZeroedOutput()
    refused(r"heads: must be pairs .* model, layers 0, 1, heads 0 to 3; got \(2, 0\)", *given, heads=[(2, 0)])
    refused(r"heads: .* heads 0 to 3; got \(0, 4\)", *given, heads=np.array([[1, 0], [0, 4]]))
    for wrong in ([(0, 4)], [(0, -1)], [(0, 1.0)], [(True, 0)], [(0, 1, 2)], [3], ["01"], [[(0, 1), 2]]):
        refused("heads: must be pairs of a layer and a head", *given, heads=wrong)
    for wrong in ([], 3, {(0, 1)}, "all", np.empty((0, 2), dtype=int)):
        refused("heads: must be pairs of layer and head, .* or None for each head alone; got", *given, heads=wrong)
    for wrong in ([[(0, 1), (0, 1)]], [[]]):
        refused("heads: must be different in each set", *given, heads=wrong)
    refused("heads: must be different sets", *given, heads=[(0, 1), [(0, 1)]])


def test_what_is_no_intervention_is_refused(model, word_pieces, texts):
    for wrong in ("zeroed", [], [ZeroedOutput(), ZeroedOutput()], [ZeroedOutput], None):
        refused("interventions: must be one such as", model, word_pieces, texts, wrong)

    class Flat(HeadIntervention):
        name, holds_fixed = "flat", "nothing"

        def output(self, heads, _):
            return heads.values[:, :, 0]

    refused(r"interventions: flat must give shape \(1, 1, \d+, 8\)", model, word_pieces, texts[:1], Flat())
    with pytest.raises(InvalidInputError, match="each_row: must be"):
        PermutedWeights(each_row=1)


def test_models_texts_and_settings_are_checked_as_for_a_trace(build, model, word_pieces, texts, monkeypatch):
    done = ZeroedOutput()
    refused("must be in evaluation mode", build("bert", word_pieces).train(), word_pieces, texts, done)
    refused("texts: must be a sequence", model, word_pieces, [], done)
    refused("labels: must be one for each text", model, word_pieces, texts, done, labels=[0])
    wrong = [0, 1, 2, 3, 0, 0]
    refused("labels: must be classes of .*, 0 to 2; got 3 for text 3", model, word_pieces, texts, done, labels=wrong)
    refused("batch_size: must be an integer", model, word_pieces, texts, done, batch_size=0)
    refused("seed: metadata must be", model, word_pieces, texts, done, seed=[1])
    monkeypatch.setattr("attnstats.exceptions.find_spec", lambda _: None)
    refused(r"attnstats\[transformers\]", None, None, ["a"], done, error=MissingExtraError)


def test_outputs_that_are_not_finite_are_refused(build, word_pieces):
    torch = pytest.importorskip("torch")
    model = build("bert", word_pieces)
    with torch.no_grad():
        model.classifier.weight.fill_(float("nan"))
    refused("output: must be finite", model, word_pieces, ["a b"], ZeroedOutput(), error=NonFiniteError)
