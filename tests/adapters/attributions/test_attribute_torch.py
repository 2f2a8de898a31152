"""Attributions of PyTorch modules: known contributions, finite differences, one text at a time."""

import numpy as np
import pytest

from attnstats.adapters import (
    ClassLogit,
    GradientTimesInput,
    IntegratedGradients,
    LeaveOneOut,
    Logits,
    PositiveProbability,
    ZeroEmbedding,
    attribute_torch,
)
from tests.adapters.attributions.torch_classifiers import (
    BATCHES,
    IDS,
    LENGTHS,
    REAL,
    Bag,
    Recurrent,
    Transformer,
    made,
    nn,
    probabilities,
    real,
    scale_of,
    torch,
)

ROWS = [[0.5, -3.0], [0.0, 2.0], [1.5, 0.0], [0.25, -1.0]]
TEXTS = [torch.tensor([[1, 2, 0], [3, 1, 3]]), torch.tensor([[2], [0]])[:1]]
#: Of class 1.
ADDED = [[2.0, 0.0, 0.0], [-1.0, 2.0, -1.0], [0.0, 0.0, 0.0]]
LEFT_OUT = LeaveOneOut(ZeroEmbedding(), signed=True)
SIGNED = GradientTimesInput(signed=True)
METHODS = [SIGNED, IntegratedGradients(), IntegratedGradients(steps=1), LEFT_OUT]


def of(module, attribution, batches=BATCHES, **options):
    return attribute_torch(
        module, batches, attribution, **{"embedding": "embedding", "output": Logits(), "mask": real, **options}
    )


@pytest.mark.parametrize("padding", [False, True], ids=["padding ignored", "padding added"])
@pytest.mark.parametrize("attribution", METHODS, ids=repr)
def test_a_token_contributes_what_its_row_adds(attribution, padding):
    found = of(Bag(ROWS, padding).eval(), attribution, TEXTS, target=1, attributed=ClassLogit())
    np.testing.assert_allclose(found.scores, ADDED, atol=1e-12)
    np.testing.assert_allclose(found.value, [2.0 - 3.0 * padding, 0.0, 0.0], atol=1e-12)
    assert found.mask.tolist() == [[True, True, False], [True, True, True], [True, False, False]]
    assert found.tokens is None
    if found.baseline is not None:
        np.testing.assert_allclose(found.baseline, [-3.0 * padding, 0.0, 0.0], atol=1e-12)
        assert found.completeness_gap.max() < 1e-12


def test_the_predicted_class_is_attributed_if_none_is_named():
    module = Bag(ROWS).eval()
    found = of(module, SIGNED, TEXTS, attributed=ClassLogit())
    assert found.classes.tolist() == [1, 0, 0]
    of_zero = [[0.0, 1.5, 0.0], [0.25, 0.0, 0.25], [1.5, 0.0, 0.0]]
    np.testing.assert_allclose(found.scores, [ADDED[0], *of_zero[1:]])
    each = of(module, SIGNED, TEXTS, target=[0, 1, 0], attributed=ClassLogit())
    np.testing.assert_allclose(each.scores, [of_zero[0], ADDED[1], of_zero[2]])
    np.testing.assert_allclose(of(module, GradientTimesInput(), TEXTS, target=1, attributed=ClassLogit()).scores,
                               np.abs(ADDED))  # fmt: skip
    assert repr(found).startswith("GradientTimesInput(signed=True) of 3 texts, logit of one class")


class Sigmoid(Bag):
    """One column, the sum of the rows, and its sigmoid."""

    def __init__(self, rows, flat=False):
        super().__init__([[row] for row in rows])
        self.probability, self.flat = nn.Sigmoid(), flat

    def forward(self, ids):
        logit = super().forward(ids)
        return self.probability(logit[:, 0] if self.flat else logit)


@pytest.mark.parametrize("flat", [False, True])
def test_one_column_is_the_log_odds_of_class_1(flat):
    module, texts = Sigmoid([0.0, 0.75, -2.0], flat).eval(), [torch.tensor([[1, 2], [1, 0]])]
    p = 1 / (1 + np.exp([1.25, -0.75]))
    slopes = (p * (1 - p))[:, None] * np.array([[0.75, -2.0], [0.75, 0.0]])
    for output in (Logits("head"), PositiveProbability()):
        found = of(module, SIGNED, texts, output=output)
        assert found.classes.tolist() == [0, 1]
        np.testing.assert_allclose(found.value, [1 - p[0], p[1]])
        np.testing.assert_allclose(found.scores, slopes * [[-1], [1]], atol=1e-15)
    for attribution in METHODS:
        found = of(module, attribution, texts, output=Logits("head"), attributed=ClassLogit())
        np.testing.assert_allclose(found.value, [1.25, 0.75])
        np.testing.assert_allclose(found.scores, [[-0.75, 2.0], [0.75, 0.0]], atol=1e-12)


def test_probabilities_are_attributed_as_their_chain_rule_says():
    bag = Bag(ROWS).eval()
    bag.head = nn.Softmax(dim=1).eval()
    found = of(bag, SIGNED, [torch.tensor([[1, 2]])], output="head", target=1)
    p = 1 / (1 + np.exp(-0.5))
    np.testing.assert_allclose(found.value, [p])
    np.testing.assert_allclose(found.scores, [[p * (1 - p) * 2.0, -p * (1 - p) * 1.5]])
    without = 1 / (1 + np.exp([1.5, -2.0]))
    found = of(bag, LeaveOneOut(ZeroEmbedding()), [torch.tensor([[1, 2]])], output="head", target=0)
    np.testing.assert_allclose(found.scores, [np.abs(p - without)])


def test_a_probability_that_is_zero_has_no_slope():
    bag = Bag([[0.0, 0.0], [800.0, -800.0]]).eval()
    bag.head = nn.Softmax(dim=1).eval()
    found = of(bag, SIGNED, [torch.tensor([[1]])], output="head", target=1)
    np.testing.assert_allclose(found.scores, [[0.0]], atol=1e-300)


KINDS = pytest.mark.parametrize("kind", [Recurrent, Transformer])


@KINDS
def test_gradients_are_finite_differences(kind):
    module = made(kind, 3.0)
    expected = np.stack([changes(module, column, 1.0, 1.0) for column in range(5)], axis=1)
    for target in (0, 1, 2):
        found = of(module, SIGNED, target=target)
        np.testing.assert_allclose(found.scores, expected[:, :, target], atol=1e-8)
        np.testing.assert_allclose(found.value, probabilities(module, np.ones(14))[:, target])
    assert np.abs(expected[REAL]).min() > 1e-6


def changes(module, column, at, others):
    """Derivatives of the probabilities by the number that the tokens of a column are multiplied by."""
    step = 1e-5
    low, high = (probabilities(module, scale_of(column, at + way, others)) for way in (-step, step))
    return (high - low) / (2 * step)


@KINDS
def test_leaving_out_makes_the_row_zero(kind):
    module = made(kind, 3.0)
    without = np.stack([probabilities(module, scale_of(column, 0.0)) for column in range(5)], axis=1)
    changed = np.where(REAL[:, :, None], probabilities(module, np.ones(14))[:, None] - without, 0)
    np.testing.assert_allclose(of(module, LEFT_OUT, target=2).scores, changed[:, :, 2], atol=1e-12)
    moved = np.abs(changed).sum(axis=2) / 2
    np.testing.assert_allclose(of(module, LeaveOneOut(ZeroEmbedding()), target=2).scores, moved, atol=1e-12)


# An interval is halved while it misses by more than 0.001, so that texts of several intervals are near, not equal.
@pytest.mark.parametrize(
    ("kind", "steps", "within"),
    [(Recurrent, 1, 3e-3), (Recurrent, 40, 1e-8), (Transformer, 1, 5e-3), (Transformer, 40, 2e-3)],
)
def test_integrated_gradients_are_integrals_of_finite_differences(kind, steps, within):
    module = made(kind, 3.0)
    nodes, weights = np.polynomial.legendre.leggauss(100)
    expected = np.zeros(IDS.shape)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        for column in range(5):
            expected[:, column] += weight * changes(module, column, node, node)[:, 1]
    found = of(module, IntegratedGradients(steps), target=1)
    np.testing.assert_allclose(found.scores, expected, atol=within)
    assert np.abs(expected).max() > 0.02
    np.testing.assert_allclose(found.baseline, probabilities(module, scale_of(0, 0.0, 0.0))[:, 1])
    assert found.completeness_gap.max() < 0.01


@pytest.mark.parametrize("attribution", [*METHODS, LeaveOneOut(ZeroEmbedding()), GradientTimesInput()], ids=repr)
@KINDS
def test_one_text_at_a_time_without_padding_has_the_same_scores(kind, attribution):
    module = made(kind)
    found = of(module, attribution)
    assert (found.scores[~REAL] == 0).all()
    np.testing.assert_array_equal(found.mask, REAL)
    for row, length in enumerate(LENGTHS):
        lone = of(module, attribution, [torch.tensor(IDS[row : row + 1, :length])], mask=None)
        np.testing.assert_allclose(found.scores[row, :length], lone.scores[0], atol=1e-10)
        np.testing.assert_allclose(found.value[row], lone.value[0])
        assert found.classes[row] == lone.classes[0]


@pytest.mark.parametrize(("precision", "within"), [(torch.float32, 2e-3), (torch.bfloat16, 0.03)])
@KINDS
def test_lower_precision_is_close_to_double(kind, precision, within):
    lower, double = made(kind, 3.0).to(precision), made(kind, 3.0)
    for attribution in METHODS:
        expected = of(double, attribution, target=1)
        np.testing.assert_allclose(of(lower, attribution, target=1).scores, expected.scores, atol=within)
        np.testing.assert_allclose(of(lower, attribution, target=1).value, expected.value, atol=within)
