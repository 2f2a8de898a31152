#!/bin/sh
# transformers: a T5 classifier gives a text another output when it is padded on the left.
#
# Guess: the attention mask hides padding on either side; T5 has relative positions, and the documentation of
# T5ForSequenceClassification says that one should be able to pad on both the right and the left. So the output of a text is
# the same alone and padded, as that of T5's encoder is.
# Version: transformers 5.24.0, torch 2.13.0, Python 3.11.
# Behaviour: the classifier makes its decoder's input by shifting the padded ids, and gives the decoder no mask, so that all
# its tokens attend to the padding on their left. On the right the padding comes behind the token that is classified.
# Seen: alone [-0.28, 7.60]; right [-0.28, 7.60]; left [-1.02, 7.49]; left, decoder masked [-0.28, 7.60]
# Remedy: pad on the right, or pass the attention mask as decoder_attention_mask too.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3}" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.24.0
"$place/venv/bin/python" -W ignore - <<'EOF'
import torch
import transformers
from transformers import T5Config, T5ForSequenceClassification

transformers.logging.set_verbosity_error()
torch.manual_seed(0)
sizes = {"vocab_size": 30, "d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_heads": 4}
model = T5ForSequenceClassification(T5Config(**sizes, num_labels=2, decoder_start_token_id=0)).eval()
for parameter in model.parameters():
    if parameter.ndim == 2:
        parameter.data.mul_(4)  # so that attention is uneven

text, padding = [5, 6, 7, 8, 1], [0, 0, 0]


def run(ids, decoder_masked=False):
    """Return the scores of one text, and the encoder's states of its five tokens."""
    ids = torch.tensor([ids])
    mask = (ids != 0).long()
    more = {"decoder_attention_mask": mask} if decoder_masked else {}
    with torch.no_grad():
        outputs = model(input_ids=ids, attention_mask=mask, **more)
    return outputs.logits[0], outputs.encoder_last_hidden_state[0][mask[0] == 1]


passes = {
    "alone": run(text),
    "right": run(text + padding),
    "left": run(padding + text),
    "left, decoder masked": run(padding + text, decoder_masked=True),
}
print("; ".join(f"{name} [{', '.join(f'{each:.2f}' for each in found)}]" for name, (found, _) in passes.items()))
alone, states = passes["alone"]
for name, (_, others) in passes.items():
    assert torch.allclose(others, states, atol=1e-4), name  # the encoder heeds its mask on both sides
for name in ("right", "left, decoder masked"):
    assert torch.allclose(passes[name][0], alone, atol=1e-4), name
assert (passes["left"][0] - alone).abs().max() > 0.1
EOF
