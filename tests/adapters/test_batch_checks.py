"""A run ends at the batch in which a number or a label cannot be, and names the example among all batches."""

import numpy as np
import pytest

from attnstats.adapters import Logits, trace_torch
from attnstats.exceptions import InvalidInputError, NonFiniteError
from attnstats.trace import AttentionRow, ClassToken

torch = pytest.importorskip("torch")
GIVEN = {
    "attention": "attention",
    "hidden": "embedding",
    "output": Logits("head"),
    "row": AttentionRow(head=0, query=ClassToken()),
}


def classifier(**spoilt):
    torch.manual_seed(0)
    module = torch.nn.Sequential()
    module.embedding = torch.nn.Embedding(10, 4)
    module.attention = torch.nn.MultiheadAttention(4, 2, batch_first=True)
    module.head = torch.nn.Linear(4, 2)

    def forward(ids):
        states = module.embedding(ids)
        mixed, _ = module.attention(states, states, states, key_padding_mask=ids == 0)
        return module.head(mixed.nan_to_num()[:, 0])

    module.forward = forward
    with torch.no_grad():
        for name, (place, value) in spoilt.items():
            module.get_submodule(name).weight[place] = value
    return module.eval()


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        ({"embedding": (7, np.inf)}, "hidden: must be finite at real tokens; got inf in example 3, token 0$"),
        ({"head": (1, np.nan)}, "output: must be finite; got nan in example 0$"),
    ],
)
def test_numbers_that_are_not_finite_name_the_example_of_all_batches(spoilt, message):
    batches = [torch.tensor([[1, 2], [3, 4]]), torch.tensor([[5, 6], [7, 8]])]
    with pytest.raises(NonFiniteError, match=message):
        trace_torch(classifier(**spoilt), batches, **GIVEN)


def test_a_score_of_minus_infinity_is_not_hidden_by_the_softmax():
    module = classifier()
    module.head.bias.data[0] = -np.inf
    with pytest.raises(NonFiniteError, match=r"output: must be finite; got -inf in example 0$"):
        trace_torch(module, [torch.tensor([[1, 2]])], **GIVEN)


def test_a_row_that_may_see_no_token_is_told_of():
    ids = [torch.tensor([[1, 2]]), torch.tensor([[0, 0]])]
    with pytest.raises(
        NonFiniteError, match=r"got nan in example 1, token 0; a softmax over tokens that are all masked"
    ):
        trace_torch(classifier(), ids, **GIVEN)


def test_a_label_that_is_no_column_ends_the_run_at_its_batch():
    seen = []

    def batches():
        for label in ([0, 1], [1, 7], [0, 0]):
            seen.append(label)
            yield {"ids": torch.tensor([[1, 2], [3, 4]]), "label": torch.tensor(label)}

    with pytest.raises(InvalidInputError, match="label: must lie in 0 to 1, the columns of output; got 7 in example 3"):
        trace_torch(classifier(), batches(), label="label", **GIVEN)
    assert len(seen) == 2
