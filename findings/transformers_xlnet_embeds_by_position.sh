#!/bin/sh
# transformers: the input embedding of XLNet is called with token ids whose axes are swapped, so what a forward hook on
# model.get_input_embeddings() sees is (positions, texts, width), not (texts, positions, width).
#
# Guess: get_input_embeddings() of a classifier embeds what the model is given, of shape (texts, positions), as in BERT and
# GPT-2; a hook that reads or replaces embeddings, for gradients or saliency, indexes the text by the first axis.
# Version: transformers 5.24.0, torch 2.13.0, Python 3.11.
# Behaviour: XLNet swaps the axes of input_ids before it embeds them. With as many texts as positions nothing fails, and what
# such a hook takes for a text holds one position of every text.
# Seen: BERT (2, 5, 16), XLNet (5, 2, 16)
# Remedy: ask the shape of what the hook sees, with numbers of texts and of positions that differ, before its axes are used.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3}" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.24.0
"$place/venv/bin/python" -W ignore - <<'EOF'
import torch
import transformers
from transformers import BertConfig, BertForSequenceClassification, XLNetConfig, XLNetForSequenceClassification

transformers.logging.set_verbosity_error()


def embedded(model):
    """Return the shape of what the input embedding returns for two texts of five tokens."""
    seen = []
    hook = model.get_input_embeddings().register_forward_hook(lambda module, given, output: seen.append(output.shape))
    with torch.no_grad():
        model.eval()(torch.randint(5, 20, (2, 5)))
    hook.remove()
    return tuple(seen[0])


bert = BertForSequenceClassification(
    BertConfig(vocab_size=20, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
)
xlnet = XLNetForSequenceClassification(XLNetConfig(vocab_size=20, d_model=16, n_layer=1, n_head=2, d_inner=16))
found = embedded(bert), embedded(xlnet)
print(f"BERT {found[0]}, XLNet {found[1]}")
assert found == ((2, 5, 16), (5, 2, 16))
EOF
