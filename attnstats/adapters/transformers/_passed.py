"""One pass of a transformer over texts of equal length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attnstats._validation import IntArray
from attnstats.adapters.transformers._checked import attending_layers
from attnstats.adapters.transformers._classes import is_one_column
from attnstats.adapters.transformers._encoder_decoder import BothReturned, has_both
from attnstats.adapters.transformers._tokenized import TokenizedTexts
from attnstats.exceptions import InvalidInputError

if TYPE_CHECKING:
    import torch

#: To what the weights of a query may sum, of numbers in bfloat16.
_MOST_OF_A_ROW = 1.1


@dataclass(frozen=True, eq=False)
class Passed:
    """What a model returned for some texts of equal length.

    Parameters
    ----------
    rows : ndarray of int, shape (n_texts,)
        Numbers of the texts.
    attention : dict of int to Tensor, shape (n_texts, n_heads, n_tokens, n_tokens)
        Weights of each layer that has attention, at least in single precision.
    states : tuple of Tensor, shape (n_texts, n_tokens, dim)
        What goes into each layer.
    probabilities : Tensor, shape (n_texts, n_classes)
        Of the classes.
    decoder_from : int or None
        Number of the first layer of the decoder, of a model that also has an encoder.
    """

    rows: IntArray
    attention: dict[int, torch.Tensor]
    states: tuple[torch.Tensor, ...]
    probabilities: torch.Tensor
    decoder_from: int | None


def of_equal_length(lengths: IntArray, most: int) -> Iterator[IntArray]:
    """Yield the numbers of texts that can run together, the longest first, so that memory is short at once or never."""
    order = np.argsort(-lengths, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1):
        yield from np.split(group, range(most, len(group), most))


def passed(model: Any, texts: TokenizedTexts, rows: IntArray, answers: Sequence[int] | None) -> Passed:
    """Return what the model makes of some texts of equal length."""
    import torch

    outputs = returned(model, texts, rows, output_attentions=True, output_hidden_states=True)
    single = {
        layer: each if each.dtype == torch.float64 else each.float()
        for layer, each in weights_of(model, outputs, len(texts.word[rows[0]])).items()
    }
    decoder_from = outputs.n_encoding if isinstance(outputs, BothReturned) else None
    return Passed(rows, single, outputs.hidden_states, probabilities(model, outputs, answers), decoder_from)


def returned(model: Any, texts: TokenizedTexts, rows: IntArray, **asked: bool) -> Any:
    """Return what the model returns for some texts of equal length."""
    import torch

    with torch.inference_mode():
        outputs = run(model, inputs_of(model, texts, rows), **asked)
        return BothReturned.of(model, outputs) if has_both(model) else outputs


def probabilities(model: Any, outputs: Any, answers: Sequence[int] | None) -> torch.Tensor:
    """Return those of the classes, or of the answers after the text, shape (n_texts, n_classes).

    They are NaN where a score is not finite.
    """
    import torch

    logits = logits_of(model, outputs, answers)
    # Of a score that is minus infinity, which the softmax would hide.
    return logits.softmax(dim=1).where(logits.isfinite().all(dim=1, keepdim=True), torch.nan)


def inputs_of(model: Any, texts: TokenizedTexts, rows: IntArray) -> dict[str, torch.Tensor]:
    """Return what the model takes of some texts of equal length, by name."""
    import torch

    return {
        name: torch.tensor([values[row] for row in rows], device=model.device) for name, values in texts.inputs.items()
    }


def run(model: Any, inputs: dict[str, torch.Tensor], **asked: bool) -> Any:
    """Return what the model returns; nothing is kept for further tokens, whose cache would only fill memory."""
    more = {"use_cache": False} if model.can_generate() or hasattr(model.config, "use_cache") else {}
    return model(**inputs, **asked, **more)


def logits_of(model: Any, outputs: Any, answers: Sequence[int] | None) -> torch.Tensor:
    """Return scores of which the softmax are the probabilities, in double precision, shape (n_texts, n_classes)."""
    import torch

    logits, name = getattr(outputs, "logits", None), type(model).__name__
    if logits is None:
        raise InvalidInputError(f"model: must return the scores of classes as its logits; {name} returned none")
    if answers is not None:
        logits = logits[:, -1, list(answers)]
    elif is_one_column(model) and logits.shape[1:] in ((), (1,)):
        half: torch.Tensor = logits.double().reshape(-1, 1) / 2
        return torch.cat([-half, half], dim=1)
    if logits.ndim != 2 or logits.shape[1] < 2:
        raise InvalidInputError(
            f"model: must return one output a text, for two classes or more; {name} returned {tuple(logits.shape)}"
        )
    double: torch.Tensor = logits.double()
    return double


def weights_of(model: Any, outputs: Any, n_tokens: int) -> dict[int, torch.Tensor]:
    """Return the attention of each layer that has it, as the model returned it, with its hidden states."""
    weights = getattr(outputs, "attentions", None)
    if not weights or any(each is None for each in weights):
        raise InvalidInputError(f"model: must return its attention weights; {type(model).__name__} returned none")
    for each in weights:
        if each.ndim != 4 or each.shape[2:] != (n_tokens, n_tokens):
            raise InvalidInputError(
                f"model: must return weights of all queries and keys, the last axes {n_tokens} x {n_tokens}; "
                f"{type(model).__name__} returned {tuple(each.shape)}"
            )
        # NaN passes here, and is told of by where it begins; a row that lost weight to a sink sums to less.
        if (each < 0).any() or (each.sum(dim=-1) > _MOST_OF_A_ROW).any():
            raise InvalidInputError(
                f"model: must return weights, of which those of a query sum to one; {type(model).__name__} returned "
                f"rows with a sum of {each.sum(dim=-1).max():.3g} and numbers down to {each.min():.3g}, as scores "
                "before a softmax"
            )
    return dict(zip(attending_layers(model.config, len(outputs.hidden_states), len(weights)), weights, strict=True))
