"""Comprehensiveness and sufficiency on models whose answers are known, and against those of a trace."""

import numpy as np
import pytest
from scipy.stats import t as student

from attnstats.ablation import comprehensiveness, sufficiency
from attnstats.adapters import (
    Deleted,
    GradientTimesInput,
    MaskToken,
    OtherTexts,
    PadToken,
    ZeroEmbedding,
    attribute_transformer,
    rationale_faithfulness,
    trace_transformer,
)
from attnstats.exceptions import InvalidInputError, NonFiniteError, UnreliableEstimateWarning
from attnstats.trace import Tokens

pytestmark = pytest.mark.filterwarnings("ignore:.*ForSequenceClassification")
SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)


def sigmoid(log_odds):
    return 1 / (1 + np.exp(-log_odds))


@pytest.fixture(scope="module")
def bag(word_pieces):
    """Only the letter a speaks for class 1, and only b against it."""
    from tests.adapters.bag_of_words import bag_of_words

    return bag_of_words(word_pieces, {"a": [0.0, 4.0], "b": [0.0, -1.0]})


@pytest.mark.parametrize("erasure", [Deleted(), ZeroEmbedding(), PadToken(), OtherTexts()], ids=repr)
def test_the_only_word_that_tells_is_all_that_matters(erasure, bag, word_pieces):
    texts = ["c a d e", "d e f a", "a", "h c a"]
    scores = [[0, 1, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0], [0, 0, 1, 0]]
    if erasure == OtherTexts():  # so that other texts have but words that tell nothing
        texts, scores = texts[:1], scores[:1]
        texts += ["h f g", "h d c"]
        scores += [[3, 2, 1, 0]] * 2
    found = rationale_faithfulness(bag, word_pieces, texts, scores, erasure=erasure, rng=0)
    whole = sigmoid(4.0)
    np.testing.assert_allclose(found.comprehensiveness.values[0], whole - 0.5)
    np.testing.assert_allclose(found.sufficiency.values[0], 0, atol=1e-12)
    assert found.predicted[0] == 1
    if erasure != OtherTexts():  # by which the others may get the word
        np.testing.assert_allclose(found.comprehensiveness.aopc, [whole - 0.5, whole - 0.5, 0, whole - 0.5])
        np.testing.assert_array_equal(found.sufficiency.aopc, [0, 0, 0, 0])  # a text of one word loses nothing


def test_random_rationales_hit_the_word_as_often_as_chance_says(bag, word_pieces):
    found = rationale_faithfulness(bag, word_pieces, ["c a d e"], [[0, 1, 0, 0]], n_random=2000, rng=0)
    fall = sigmoid(4.0) - 0.5
    hit = np.array([1, 1, 1, 1, 2]) / 4  # of four words one is erased, or two
    sd = fall * np.sqrt(hit * (1 - hit) / 2000)
    assert (np.abs(found.comprehensiveness.random[0] - hit * fall) < 4 * sd).all()
    assert (np.abs(found.sufficiency.random[0] - (1 - hit) * fall) < 4 * sd).all()
    assert found.comprehensiveness.shares == SHARES


def test_equal_scores_favour_no_place(bag, word_pieces):
    # The word that tells comes first, and equal scores erase it as often as chance does: one of four words, or two.
    texts = ["a c d e"] * 3000
    given = bag, word_pieces, texts, np.ones((3000, 4))
    with pytest.warns(UnreliableEstimateWarning, match="texts"):  # which are equal
        found = rationale_faithfulness(*given, shares=[0.25, 0.5, 0.75], n_random=1, rng=0)
    fall = sigmoid(4.0) - 0.5
    hit = np.array([1, 2, 3]) / 4
    sd = fall * np.sqrt(hit * (1 - hit) / 3000)
    for values in (found.comprehensiveness.values, found.comprehensiveness.random):
        assert (np.abs(values.mean(axis=0) - hit * fall) < 4 * sd).all()
    assert (np.abs(found.sufficiency.values.mean(axis=0) - (1 - hit) * fall) < 4 * sd).all()


def test_equal_scores_yield_to_others_and_hang_on_the_seed(bag, word_pieces):
    texts, scores = ["c d a e", "d e f a"], [[0, 0, 1, 0], [0, 0, 0, 1]]
    found = [rationale_faithfulness(bag, word_pieces, texts, scores, rng=seed) for seed in (0, 0, 1)]
    for each in found:  # the word that tells is alone at the top, whatever the order of the others
        np.testing.assert_allclose(each.comprehensiveness.values, sigmoid(4.0) - 0.5)
    np.testing.assert_array_equal(found[0].comprehensiveness.random, found[1].comprehensiveness.random)
    words = [["a", *"cdefgh"[start : start + 3]] for start in range(4)] * 5
    texts = [" ".join(np.roll(each, place // 4)) + " h" * (place // 4) for place, each in enumerate(words)]
    scores = [np.zeros(len(text.split())) for text in texts]
    tied = [rationale_faithfulness(bag, word_pieces, texts, scores, shares=[0.25], rng=seed) for seed in (0, 0, 1)]
    first, again, other = (each.comprehensiveness.values for each in tied)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_infill_draws_words_as_often_as_they_occur_elsewhere(bag, word_pieces):
    # In the place of a, half of what is drawn is b, a quarter c and a quarter d; the first words are not drawn.
    texts, scores = ["c a", "h b b", "h c d"], [[0, 1, 0], [1, 0, 0], [1, 0, 0]]
    probabilities = []
    for seed in range(400):
        found = rationale_faithfulness(
            bag, word_pieces, texts, scores, erasure=OtherTexts(), shares=[0.5], n_random=1, rng=seed
        )
        probabilities.append(sigmoid(4.0) - found.comprehensiveness.values[0, 0])
    drawn = np.isclose(probabilities, sigmoid(-1.0))
    assert np.isclose(np.array(probabilities)[~drawn], 0.5).all()
    assert abs(drawn.mean() - 0.5) < 4 * np.sqrt(0.25 / 400)


def test_infill_keeps_the_number_of_tokens_with_shorter_words_if_need_be(build, word_pieces):
    model = build("bert", word_pieces)
    texts = ["abc d e", "a f gh", "b cd f"]  # no other word has three tokens
    lengths = []
    hook = model.get_input_embeddings().register_forward_hook(lambda _, inputs, __: lengths.extend(inputs[0].tolist()))
    try:
        rationale_faithfulness(
            model, word_pieces, texts, np.tile([3, 2, 1], (3, 1)), erasure=OtherTexts(), shares=[0.3], rng=1
        )
    finally:
        hook.remove()
    whole = {len(word_pieces(text)["input_ids"]) for text in texts}
    assert {len(ids) for ids in lengths} == whole
    seen = {tuple(ids) for ids in lengths}
    assert len(seen) > 9
    with pytest.raises(InvalidInputError, match="texts: must hold words to be put into text 0"):
        rationale_faithfulness(model, word_pieces, texts[:1], [[3, 2, 1]], erasure=OtherTexts())


class Padded:
    """Erases tokens of one text after the other by the padding token, for `attnstats.ablation`."""

    def __init__(self, model, tokenizer, texts):
        self.model, self.tokenizer, self.texts = model, tokenizer, texts

    def predict(self, trace, erased):
        torch = pytest.importorskip("torch")
        assert trace.n_examples == len(erased)
        rows = []
        for text, gone in zip(self.texts, erased, strict=True):
            words = [self.tokenizer(word, add_special_tokens=False)["input_ids"] for word in text.split()]
            padding = self.tokenizer.pad_token_id
            kept = [[padding] * len(word) if gone[place] else word for place, word in enumerate(words)]
            ids = [self.tokenizer.cls_token_id, *(each for word in kept for each in word), self.tokenizer.sep_token_id]
            with torch.inference_mode():
                rows.append(self.model(torch.tensor([ids])).logits.double().softmax(dim=1)[0].numpy())
        return np.array(rows)


def test_both_measures_are_those_of_a_trace(build, word_pieces, texts, tmp_path):
    model = build("bert", word_pieces)
    trace = trace_transformer(model, word_pieces, texts, out=tmp_path / "trace")
    scores = trace.attention(1, 0)
    found = rationale_faithfulness(model, word_pieces, texts, scores, erasure=PadToken(), rng=0)
    head, eraser = trace.head(1, 0), Padded(model, word_pieces, texts)
    np.testing.assert_allclose(found.comprehensiveness.values, comprehensiveness(head, scores, eraser), atol=1e-6)
    np.testing.assert_allclose(found.sufficiency.values, sufficiency(head, scores, eraser), atol=1e-6)
    np.testing.assert_array_equal(found.predicted, trace.predicted)


def test_intervals_are_t_over_texts(bag, word_pieces):
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice([*"abcde"], 6)) for _ in range(30)]
    found = rationale_faithfulness(bag, word_pieces, texts, rng.random((30, 6)), rng=1)
    for values, interval in (
        (found.comprehensiveness.values.mean(axis=1), found.comprehensiveness.interval(0.9)),
        (
            found.sufficiency.values.mean(axis=1) - found.sufficiency.random.mean(axis=1),
            found.sufficiency.difference_interval(0.9),
        ),
    ):
        half = student.ppf(0.95, 29) * values.std(ddof=1) / np.sqrt(30)
        assert interval.low == pytest.approx(values.mean() - half)
        assert interval.high == pytest.approx(values.mean() + half)
    told = repr(found).splitlines()
    assert told[0].startswith(f"comprehensiveness = {found.comprehensiveness.aopc.mean():.3g}, 95 % CI [")
    assert told[1].startswith("sufficiency = ")
    assert told[2] == (
        "erased by Deleted(), 5 random rationales a text, n = 30 texts and one model, so nothing is said of other "
        "trainings"
    )
    few = rationale_faithfulness(bag, word_pieces, texts[:3], rng.random((3, 6)), rng=1)
    assert "no interval of fewer than 8 texts" in repr(few)


def test_the_same_seed_gives_the_same_numbers(build, byte_level, texts):
    model = build("llama", byte_level, kind="AutoModelForCausalLM")
    scores = np.random.default_rng(0).random((6, 8))
    given = {"answers": ["a", "b"], "erasure": OtherTexts()}
    one, two = (rationale_faithfulness(model, byte_level, texts, scores, rng=5, **given) for _ in range(2))
    np.testing.assert_array_equal(one.comprehensiveness.random, two.comprehensiveness.random)
    np.testing.assert_array_equal(one.sufficiency.values, two.sufficiency.values)


def test_tokens_are_erased_one_by_one_if_they_are_shown(bag, word_pieces):
    found = rationale_faithfulness(bag, word_pieces, ["ab c"], [[0, 1, 2]], units=Tokens(), shares=[0.3, 0.6])
    np.testing.assert_allclose(found.comprehensiveness.values, 0, atol=1e-12)  # ##b and c tell nothing


def test_scores_come_in_several_forms(bag, word_pieces):
    texts = ["c a d e", "d a", "b h g"]
    attributions = attribute_transformer(bag, word_pieces, texts, GradientTimesInput())
    rows = [row[real] for row, real in zip(attributions.scores, attributions.mask, strict=True)]
    forms = [attributions.scores, attributions, rows, tuple(map(list, rows))]
    first, *others = (rationale_faithfulness(bag, word_pieces, texts, scores, rng=0) for scores in forms)
    for other in others:
        np.testing.assert_array_equal(other.comprehensiveness.values, first.comprehensiveness.values)
        np.testing.assert_array_equal(other.sufficiency.values, first.sufficiency.values)


def test_texts_that_were_cut_or_have_a_single_word_are_told(bag, word_pieces):
    texts = ["a " * 50, "c a", "b"]
    attributions = attribute_transformer(bag, word_pieces, texts, GradientTimesInput())
    assert attributions.texts_cut == 1
    assert repr(attributions).endswith("Words(special=False), 1 text cut by the tokenizer")
    found = rationale_faithfulness(bag, word_pieces, texts, attributions, rng=0)
    assert found.n_words.tolist() == [38, 2, 1]  # of 40 tokens two are special
    assert repr(found).splitlines()[3:] == [
        "1 text of a single word, which is never erased, and both measures zero",
        "1 text cut by the tokenizer",
    ]
    whole = rationale_faithfulness(bag, word_pieces, texts[1:2], [[1.0, 2.0]], rng=0)
    assert whole.texts_cut == 0
    assert len(repr(whole).splitlines()) == 3


def test_bad_arguments_are_refused(bag, word_pieces):
    def refused(match, *changed, error=InvalidInputError, **keywords):
        given = [bag, word_pieces, ["a b", "c d"], [[1.0, 0.0], [0.0, 1.0]]]
        with pytest.raises(error, match=match):
            rationale_faithfulness(*given[: 4 - len(changed)], *changed, **keywords)

    refused(
        r"scores: must be real with a score for each word of each text, shape \(2, 2\); got float64 \(2, 3\)$",
        [[1.0, 0.0, 0.0]] * 2,
    )
    refused("a score for each token of each text", [[1.0, 0.0, 0.0]] * 2, units=Tokens())
    refused("scores: must be finite; .* leave out texts in which one is not known$", [[1.0, np.nan]] * 2,
            error=NonFiniteError)  # fmt: skip
    refused(
        r"scores: must have one real number for each word of a text; got float64 \(3,\) for text 1, which has 2",
        [[1.0, 2.0], np.ones(3)],
    )
    refused("scores: must have one real number for each word of a text; got <U1", [["a", "b"], ["c"]])
    refused("scores: must have one row for each text; got 3 for 2 texts", [[1.0, 2.0], [1.0], [2.0]])
    others = attribute_transformer(bag, word_pieces, ["a b", "c e"], GradientTimesInput())
    refused(r"scores: must be of the same words as texts, Words\(special=False\); got Attributions of others", others)
    refused("erasure: must be an object such as Deleted", erasure=Deleted)
    refused("shares: must lie strictly between 0 and 1", shares=[0.0])
    refused("shares: must hold at least one", shares=[])
    refused("shares: must hold each share once; got 0.2 twice", shares=[0.2, 0.5, 0.2])
    refused("shares: must be a sequence", shares=0.1)
    refused("n_random: must be an integer", n_random=0)
    refused("rng: must be", rng="seed")
    refused("units: must be", units="words")
    refused("tokenizer: must have a mask token", erasure=MaskToken())


def test_outputs_that_are_not_finite_name_the_text(build, word_pieces):
    model = build("bert", word_pieces)
    model.base_model.embeddings.word_embeddings.weight.data[word_pieces.convert_tokens_to_ids("g")] = np.inf
    with pytest.raises(
        NonFiniteError, match=r"hidden states of layer 0: must be finite; .* in text 1, at word \d, '.*g.*'"
    ):
        rationale_faithfulness(model, word_pieces, ["a b", "a g"], np.ones((2, 2)))
