#!/bin/sh
# transformers: a sequence classifier of a decoder rests on the last token that is not the padding token, whatever the
# attention mask says, so a text that ends in that token is classified by the token before.
#
# Guess: the attention mask says where a text ends, and the classifier reads the last token that the mask keeps.
# Version: transformers 5.24.0, torch 2.13.0, Python 3.11.
# Behaviour: the place is found by comparing token ids with pad_token_id; the mask is not looked at. Decoders often have no
# padding token, and tokenizer.pad_token = tokenizer.eos_token is the usual remedy: then texts to which the end-of-text token
# is appended, all of it kept by the mask, are classified by the state of the token before it, and the logits are exactly
# those of that token within the longer text. With another padding token they are those of the last one.
# Seen: padding token = end of text: position 2 of 0 to 3; another one: position 3 of 0 to 3
# Remedy: give padding a token of its own (and resize the embeddings), or pad no text and leave pad_token_id out.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3}" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.24.0
"$place/venv/bin/python" -W ignore - <<'EOF'
import torch
import transformers
from transformers import GPT2Config, GPT2ForSequenceClassification

transformers.logging.set_verbosity_error()
END, OTHER = 0, 1


def place_read(pad_token_id):
    """Return the position whose state gives the logits of a text that ends in END, with every token kept by the mask."""
    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=20, n_embd=16, n_layer=2, n_head=2, bos_token_id=END, eos_token_id=END, pad_token_id=pad_token_id
    )
    model = GPT2ForSequenceClassification(config).eval()
    text = torch.tensor([[7, 8, 9, END]])
    with torch.no_grad():
        logits = model(text, attention_mask=torch.ones_like(text)).logits
        each = model.score(model.transformer(text).last_hidden_state)[0]
    return int((each - logits).abs().sum(dim=1).argmin())


same, apart = place_read(END), place_read(OTHER)
print(f"padding token = end of text: position {same} of 0 to 3; another one: position {apart} of 0 to 3")
assert (same, apart) == (2, 3)
EOF
