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
def embedding_gives(model: Any, vectors: torch.Tensor) -> Iterator[None]:
    """Let the embedding give these vectors, shape (n_texts, n_tokens, dim).

    The model still gets the token ids, from which some find positions or the last token.
    """
    calls = []

    def instead(_: object, inputs: tuple[torch.Tensor, ...], __: object) -> torch.Tensor:
        calls.append(tuple(inputs[0].shape))
        return vectors

    hook = model.get_input_embeddings().register_forward_hook(instead)
    try:
        yield
    finally:
        hook.remove()
    if calls != [tuple(vectors.shape[:2])]:
        raise InvalidInputError(
            f"model: must embed its tokens once in a pass, of shape {tuple(vectors.shape[:2])}; "
            f"{type(model).__name__} embedded {calls}"
        )
