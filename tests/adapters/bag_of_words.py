"""A classifier whose logits are sums over tokens, so that what each contributes is known."""

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")


class BagConfig(transformers.PretrainedConfig):
    model_type = "bag"


class BagForSequenceClassification(transformers.PreTrainedModel):
    """Each token adds its row of a table to the logits of two classes."""

    config_class = BagConfig
    supports_gradient_checkpointing = False

    def __init__(self, config, table):
        super().__init__(config)
        self.embedding = torch.nn.Embedding.from_pretrained(torch.as_tensor(table), freeze=False)

    def get_input_embeddings(self):
        return self.embedding

    def forward(self, input_ids, **_):
        return transformers.modeling_outputs.SequenceClassifierOutput(logits=self.embedding(input_ids).sum(dim=1))


def bag_of_words(tokenizer, rows):
    """A model in which tokens add these rows, those that are not named zero."""
    table = torch.zeros(len(tokenizer), 2, dtype=torch.float64)
    for token, row in rows.items():
        table[tokenizer.convert_tokens_to_ids(token)] = torch.tensor(row, dtype=torch.float64)
    return BagForSequenceClassification(BagConfig(num_labels=2, pad_token_id=0), table).eval()
