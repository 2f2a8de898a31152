"""Vectors that stand in for the embeddings of tokens during a pass, whose gradients can be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attnstats.exceptions import InvalidInputError

if TYPE_CHECKING:
    import torch


def embedded(model: Any, ids: torch.Tensor) -> torch.Tensor:
    """Return the embeddings of tokens, before anything is added for their positions."""
    import torch

    with torch.no_grad():
        vectors: torch.Tensor = model.get_input_embeddings()(ids)
    return vectors


@contextmanager
def embedding_gives(model: Any, ids: torch.Tensor, vectors: torch.Tensor) -> Iterator[None]:
    """Let the embedding give these vectors for these tokens, shapes (n_texts, n_tokens, dim) and (n_texts, n_tokens).

    The model still gets the token ids, from which some find positions or the last token.

    Raises
    ------
    InvalidInputError
        If the model does not embed these tokens, all at once, and nothing else.
    """
    calls = []

    def instead(_: object, inputs: tuple[torch.Tensor, ...], __: object) -> torch.Tensor:
        calls.append(inputs[0])
        if len(calls) > 1 or inputs[0].shape != ids.shape or not bool((inputs[0] == ids).all()):
            raise _otherwise(model)
        return vectors

    hook = model.get_input_embeddings().register_forward_hook(instead)
    try:
        yield
    finally:
        hook.remove()
    if not calls:
        raise _otherwise(model)


def _otherwise(model: Any) -> InvalidInputError:
    return InvalidInputError(
        f"model: must embed the tokens of its texts once in a pass; {type(model).__name__} does otherwise"
    )
