"""Where in a model a number became NaN or infinite, and what usually makes it so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from attnstats._validation import IntArray
from attnstats.adapters.transformers._checked import attending_layers, returning_weights
from attnstats.adapters.transformers._passed import returned
from attnstats.adapters.transformers._tokenized import TokenizedTexts
from attnstats.exceptions import NonFiniteError

if TYPE_CHECKING:
    import torch


class _Found(NamedTuple):
    """What was not finite, and the token at which it was; None where it is of the whole text."""

    what: str
    token: int | None = None


def not_finite(model: Any, texts: TokenizedTexts, text: int, *, what: str = "output", when: str = "") -> NonFiniteError:
    """Run one text again, and return the error that says where numbers stopped to be finite.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        Which gave the numbers.
    texts : TokenizedTexts
        All texts.
    text : int
        Number of the text.
    what : str
        What was not finite, if the text alone does not show where that began.
    when : str
        What was done to the text or the model, such as "with words erased".
    """
    with returning_weights(model):
        outputs = returned(model, texts, np.array([text]), output_attentions=True, output_hidden_states=True)
    found = next(_begun(model, outputs), None)
    if found is None:
        apart = f" {when}, and not in a pass as it is" if when else ""
        return NonFiniteError(
            f"{what}: must be finite; got NaN or infinity in text {text}{apart}{_of_precision(model)}"
        )
    at = "" if found.token is None else f", at {_token(texts, text, found.token)}"
    message = f"{found.what}: must be finite; got NaN or infinity in text {text}{at}"
    return NonFiniteError(message + (_broken(model) or _of_precision(model) or _of_padding(found.what)))


def passing_on_nan(model: Any) -> AbstractContextManager[Any]:
    """Let a model that may come upon NaN weigh by code that passes it on: fused kernels can make it zero."""
    return returning_weights(model) if _is_half(model) or _broken(model) else nullcontext()


def _is_half(model: Any) -> bool:
    return any(str(each.dtype) == "torch.float16" for each in model.parameters())


def _of_precision(model: Any) -> str:
    """Return what usually makes numbers of this model infinite, as the end of a message."""
    if not _is_half(model):
        return ""
    return "; float16 holds no number above 65504; run the model in bfloat16 or float32, as by model.float()"


def first_wrong(finite: torch.Tensor | np.ndarray[Any, Any], rows: IntArray) -> int:
    """Return the lowest number of a text, of those in the rows, of which something is not finite."""
    each = np.asarray(finite).reshape(len(rows), -1).all(axis=1)
    return int(rows[~each].min())


def _begun(model: Any, outputs: Any) -> Iterator[_Found]:
    """Yield what is not finite, in the order in which the model computes it."""
    states, weights = outputs.hidden_states or (), [each for each in outputs.attentions or () if each is not None]
    layers = attending_layers(model.config, len(states), len(weights)) if weights else []
    of_layer = dict(zip(layers, weights, strict=True))
    for layer, of in enumerate(states):
        wrong = (~of[0].isfinite()).nonzero()
        if len(wrong):
            last = layer == len(states) - 1
            yield _Found(
                "hidden states after the last layer" if last else f"hidden states of layer {layer}", wrong[0, 0]
            )
        if layer in of_layer and len(wrong := (~of_layer[layer][0].isfinite()).nonzero()):
            yield _Found(f"attention of layer {layer}, head {int(wrong[0, 0])}", wrong[0, 1])
    if not outputs.logits.isfinite().all():
        yield _Found("output")


def _token(texts: TokenizedTexts, text: int, token: int) -> str:
    """Return a token by its word, or as it is where the tokenizer added it."""
    word = int(texts.word[text][token])
    return (
        f"token {int(token)}, {texts.pieces[text][token]!r}"
        if word < 0
        else f"word {word}, {texts.words[text][word]!r}"
    )


def _broken(model: Any) -> str:
    """Return the first parameter that is not finite, as the end of a message."""
    name = next((name for name, each in model.named_parameters() if not each.isfinite().all()), None)
    return "" if name is None else f"; its parameter {name!r} is not finite: training diverged, or a file is damaged"


def _of_padding(what: str) -> str:
    if not what.startswith("attention"):
        return ""
    return "; a row of weights is NaN where it may see no token, as at padding or in an empty window"
