#!/bin/sh
# transformers: the `attentions` that SqueezeBERT returns are scores before the softmax, not weights.
#
# Guess: output_attentions=True gives weights after the softmax, of which those of a query sum to one, as the documentation
# of every model's output says and as BERT gives; maps, rollout and entropies of attention are made of them.
# Version: transformers 5.24.0, torch 2.13.0, Python 3.11.
# Behaviour: SqueezeBERT returns the scores, some below zero, whose sums are anything; its code takes their softmax for the
# weights.
# Seen: bert: sums of a query 1.00 to 1.00, least 0.00; squeezebert: sums of a query -6.81 to 11.99, least -5.43
# Remedy: check that weights are not negative and sum to one before they are read; take the softmax of SqueezeBERT's.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3}" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.24.0
"$place/venv/bin/python" -W ignore - <<'EOF'
import torch
import transformers
from transformers import AutoConfig, AutoModelForSequenceClassification

transformers.logging.set_verbosity_error()


def attention(kind):
    """Return the attention of the first layer of a small random model, (texts, heads, queries, keys)."""
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    more = {"embedding_size": 32, "attn_implementation": "eager"}
    config = AutoConfig.for_model(kind, vocab_size=20, initializer_range=0.5, **sizes, **more)
    model = AutoModelForSequenceClassification.from_config(config).eval()
    with torch.no_grad():
        return model(torch.randint(5, 20, (3, 5)), output_attentions=True).attentions[0]


found = {kind: attention(kind) for kind in ("bert", "squeezebert")}
for kind, values in found.items():
    sums = values.sum(-1)
    print(f"{kind}: sums of a query {sums.min():.2f} to {sums.max():.2f}, least {values.min():.2f}")
assert torch.allclose(found["bert"].sum(-1), torch.ones(()), atol=1e-5) and found["bert"].min() >= 0
assert found["squeezebert"].min() < 0
assert (found["squeezebert"].sum(-1) - 1).abs().max() > 0.1
EOF
