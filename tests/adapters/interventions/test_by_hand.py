"""Interventions on a tiny BERT against the model written out by hand: each text, layer and head in a loop."""

import numpy as np
import pytest
from scipy.special import erf, softmax

from attnstats.adapters import MeanOutput, PermutedWeights, UniformWeights, ZeroedOutput, intervene_transformer

N_HEADS, WIDTH = 4, 8


class ByHand:
    """BERT in double precision, from its parameters."""

    def __init__(self, model):
        self.of = {name: value.detach().double().numpy() for name, value in model.state_dict().items()}

    def linear(self, name, x):
        return x @ self.of[f"{name}.weight"].T + self.of[f"{name}.bias"]

    def normal(self, name, x):
        centred = x - x.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
        return scaled * self.of[f"{name}.weight"] + self.of[f"{name}.bias"]

    def output(self, ids, change):
        """Probabilities of one text; `change(layer, head, weights, values)` gives the output of each head."""
        place = "bert.embeddings"
        x = self.of[f"{place}.word_embeddings.weight"][ids] + self.of[f"{place}.token_type_embeddings.weight"][0]
        x = self.normal(f"{place}.LayerNorm", x + self.of[f"{place}.position_embeddings.weight"][: len(ids)])
        for layer in range(2):
            name = f"bert.encoder.layer.{layer}"
            queries, keys, values = (
                self.linear(f"{name}.attention.self.{each}", x) for each in ("query", "key", "value")
            )
            outputs = []
            for head in range(N_HEADS):
                of = slice(WIDTH * head, WIDTH * head + WIDTH)
                weights = softmax(queries[:, of] @ keys[:, of].T / np.sqrt(WIDTH), axis=1)
                outputs.append(change(layer, head, weights, values[:, of]))
            added = self.linear(f"{name}.attention.output.dense", np.concatenate(outputs, axis=1))
            x = self.normal(f"{name}.attention.output.LayerNorm", x + added)
            inner = self.linear(f"{name}.intermediate.dense", x)
            inner = inner * (1 + erf(inner / np.sqrt(2))) / 2
            x = self.normal(f"{name}.output.LayerNorm", x + self.linear(f"{name}.output.dense", inner))
        return softmax(self.linear("classifier", np.tanh(self.linear("bert.pooler.dense", x[0]))))


def kept(layer, head, weights, values):
    return weights @ values


@pytest.fixture(scope="module")
def model(build, word_pieces):
    return build("bert", word_pieces, initializer_range=0.2, dtype=pytest.importorskip("torch").float64)


@pytest.fixture(scope="module")
def ids(word_pieces, texts):
    return word_pieces(texts)["input_ids"]


def by_hand(model, ids, chosen, change):
    """Probabilities with the chosen heads changed by `change(text, layer, head, weights, values)`."""
    hand = ByHand(model)

    def of_text(text):
        return lambda layer, head, *given: (
            change(text, layer, head, *given) if (layer, head) in chosen else kept(layer, head, *given)
        )

    return np.stack([hand.output(of, of_text(text)) for text, of in enumerate(ids)])


def test_the_intact_output_is_the_models_own(model, word_pieces, texts, ids):
    torch = pytest.importorskip("torch")
    found = intervene_transformer(model, word_pieces, texts, ZeroedOutput(), heads=[(0, 0)]).intact
    np.testing.assert_allclose(found, by_hand(model, ids, (), None), atol=1e-10)
    with torch.inference_mode():
        own = [model(torch.tensor([of])).logits.double().softmax(dim=1)[0].numpy() for of in ids]
    np.testing.assert_allclose(found, own, atol=1e-12)


@pytest.mark.parametrize("chosen", [[(0, 1)], [(1, 3)], [(0, 0), (0, 2), (1, 1)]])
def test_uniform_and_zeroed_heads_give_what_they_should(chosen, model, word_pieces, texts, ids):
    interventions = [UniformWeights(), ZeroedOutput()]
    found = intervene_transformer(model, word_pieces, texts, interventions, heads=[chosen])
    uniform = by_hand(model, ids, chosen, lambda *given: np.tile(given[-1].mean(axis=0), (len(given[-1]), 1)))
    zeroed = by_hand(model, ids, chosen, lambda *given: np.zeros_like(given[-1]))
    np.testing.assert_allclose(found.output[0, 0], uniform, atol=1e-10)
    np.testing.assert_allclose(found.output[1, 0], zeroed, atol=1e-10)
    assert np.abs(found.output - found.intact).max(axis=(1, 2, 3)).min() > 1e-3


def test_the_mean_is_that_over_all_tokens_of_all_texts(model, word_pieces, texts, ids):
    outputs, means = {(0, 2): [], (1, 0): []}, {}

    def gather(_, layer, head, weights, values):
        outputs[layer, head].append(weights @ values)
        return weights @ values

    def mean(_, layer, head, *of_text):
        return np.tile(means[layer, head], (len(of_text[0]), 1))

    by_hand(model, ids, outputs, gather)
    means |= {head: np.concatenate(of).mean(axis=0) for head, of in outputs.items()}
    found = intervene_transformer(model, word_pieces, texts, MeanOutput(), heads=[[(0, 2), (1, 0)]], batch_size=2)
    np.testing.assert_allclose(found.output[0, 0], by_hand(model, ids, means, mean), atol=1e-10)
    assert np.abs(found.output - found.intact).max() > 1e-3


@pytest.mark.parametrize("each_row", [False, True])
def test_permutations_are_those_of_the_generator_text_by_text(each_row, model, word_pieces, texts, ids):
    root = int(np.random.default_rng(7).integers(2**63))
    stream, drawn = np.random.default_rng([root, 0, 3]), {}
    for text in sorted(range(len(ids)), key=lambda text: -len(ids[text])):  # the longest first
        drawn[text] = stream.random((len(ids[text]) if each_row else 1, len(ids[text])))

    def shuffled(text, _, __, weights, values):
        rows = np.broadcast_to(drawn[text], weights.shape)
        return np.stack([row[np.argsort(keys)] for row, keys in zip(weights, rows, strict=True)]) @ values

    expected = by_hand(model, ids, [(0, 3)], shuffled)
    for batch_size in (1, 32):
        found = intervene_transformer(
            model, word_pieces, texts, PermutedWeights(each_row), heads=[(0, 3)], batch_size=batch_size, rng=7
        )
        np.testing.assert_allclose(found.output[0, 0], expected, atol=1e-10)
    assert np.abs(found.output - found.intact).max() > 1e-3


def test_equal_weights_made_equal_or_shuffled_change_nothing(build, word_pieces, texts):
    torch = pytest.importorskip("torch")
    model = build("bert", word_pieces)
    attention = model.bert.encoder.layer[1].attention.self
    with torch.no_grad():
        attention.query.weight[:WIDTH] = 0
        attention.query.bias[:WIDTH] = 0
    found = intervene_transformer(
        model, word_pieces, texts, [UniformWeights(), PermutedWeights(), ZeroedOutput()], heads=[(1, 0)], rng=0
    )
    np.testing.assert_allclose(found.output[:2, 0], np.stack([found.intact] * 2), atol=1e-7)
    assert np.abs(found.output[2, 0] - found.intact).max() > 1e-3
