"""A PyTorch module on one batch, whose embeddings may be replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attnstats.adapters._collecting import probabilities
from attnstats.adapters._torch_arrays import array_of, checked_tensor
from attnstats.adapters._torch_batches import Pass
from attnstats.adapters._torch_hooks import Hooked
from attnstats.adapters._trace_torch import ModelOutput
from attnstats.adapters.capture import Logits, PositiveProbability
from attnstats.exceptions import InvalidInputError

if TYPE_CHECKING:
    import torch


class ModuleOnBatch:
    """What a module gives for a batch, while hooks keep its embeddings and its output.

    Parameters
    ----------
    runner : Pass
        How the module runs.
    hooked : Hooked
        What is kept, by the roles "embedding" and "output".
    declared : str, Output, Input, Logits or PositiveProbability
        What the output is.
    batch : object
        The batch, on the device of the module.

    Raises
    ------
    InvalidInputError
        If the embeddings or the output are none.
    """

    def __init__(self, runner: Pass, hooked: Hooked, declared: ModelOutput, batch: Any) -> None:
        self._runner, self._hooked, self._declared, self._batch = runner, hooked, declared, batch
        runner.run(batch)
        taken = hooked.taken()
        vectors, self._embedding = taken["embedding"]
        #: Embeddings of the tokens, shape (n_texts, n_tokens, dim).
        self.embedded: torch.Tensor = _checked_embeddings(vectors)
        output = checked_tensor(taken["output"][0], "output")
        probabilities(array_of(output), declared)  # refuses what is not as declared
        if not output.is_floating_point() or len(output) != len(self.embedded):
            raise InvalidInputError(
                f"output: must be probabilities or Logits(name) of each of {len(self.embedded)} examples; got "
                f"{output.dtype} of shape {tuple(output.shape)}"
            )
        #: Scores of the classes before a softmax, shape (n_texts, n_classes).
        self.logits = self._scores(output)
        #: Whether the output is one column, the log-odds of class 1.
        self.one_column = isinstance(declared, Logits) and _is_column(output)

    def logits_from(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return the scores of the classes where these vectors are the embeddings of the batch."""
        import torch

        def instead(_: object, __: object, returned: object) -> torch.Tensor:
            if not isinstance(returned, torch.Tensor):
                raise InvalidInputError(
                    f"embedding: must be a submodule that returns one tensor; got a {type(returned).__name__}"
                )
            return vectors.clone()  # which operations in place may change

        hook = self._embedding.register_forward_hook(instead)
        try:
            self._runner.run(self._batch)
        finally:
            hook.remove()
        return self._scores(self._hooked.taken()["output"][0])

    def _scores(self, output: torch.Tensor) -> torch.Tensor:
        """Return scores whose softmax are the probabilities, in double precision."""
        import torch

        numbers = output.double()
        if isinstance(self._declared, Logits):
            if not _is_column(numbers):
                return numbers
            half = numbers.reshape(-1) / 2
            return torch.stack([-half, half], dim=1)
        if isinstance(self._declared, PositiveProbability):
            p = numbers.reshape(-1)
            numbers = torch.stack([1 - p, p], dim=1)
        # A probability that is zero has no slope, and the logarithm of none.
        return numbers.clamp_min(torch.finfo(numbers.dtype).tiny).log()


def _is_column(output: torch.Tensor) -> bool:
    return bool(output[0].numel() == 1)


def _checked_embeddings(vectors: Any) -> torch.Tensor:
    import torch

    if not isinstance(vectors, torch.Tensor):
        remedy = "; embed padded texts, and pack what comes of it" if hasattr(vectors, "batch_sizes") else ""
        raise InvalidInputError(f"embedding: must return a tensor; got a {type(vectors).__name__}{remedy}")
    if vectors.dim() != 3 or not vectors.is_floating_point() or len(vectors) == 0:
        raise InvalidInputError(
            "embedding: must return vectors of shape (n_examples, n_tokens, dim), of padded texts; got "
            f"{vectors.dtype} of shape {tuple(vectors.shape)}"
        )
    return vectors
