"""The arrays of a transformer's trace, written batch by batch in any order of texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attnstats._validation import FloatArray, IntArray
from attnstats.adapters.transformers._model_on_texts import ModelOnTexts
from attnstats.adapters.transformers._not_finite import first_wrong
from attnstats.adapters.transformers._passed import Passed
from attnstats.adapters.transformers._rolled_out import rolled_out
from attnstats.adapters.transformers._value_norms import ValueNorms
from attnstats.exceptions import InvalidInputError
from attnstats.trace._names import listed
from attnstats.trace._new_folder import NewFolder

if TYPE_CHECKING:
    import torch

#: Largest number in half precision.
_HALF = 65504.0


class Recorder:
    """What is kept of each pass.

    Parameters
    ----------
    on : ModelOnTexts
        What runs.
    folder : NewFolder
        Where arrays are written.
    asking : ndarray, shape (n_queries, n_texts, n_tokens)
        How much each token counts as the one that asks.
    asking_decoder : ndarray, shape (n_queries, n_texts, n_tokens), or None
        The same in the decoder of a model that also has an encoder.
    layers, heads : sequence of int or None
        Those to be kept; None for all.
    norms : ValueNorms or None
        Norms of the values, if they are to be kept.
    """

    def __init__(
        self,
        on: ModelOnTexts,
        folder: NewFolder,
        asking: FloatArray,
        asking_decoder: FloatArray | None,
        layers: Sequence[int] | None,
        heads: Sequence[int] | None,
        norms: ValueNorms | None,
    ) -> None:
        self._on, self._folder, self._norms = on, folder, norms
        self._asking, self._asking_decoder = asking, asking_decoder
        self._wanted = layers, heads
        self._arrays: dict[str, NDArray[Any]] = {}
        self.layers: tuple[int, ...] = ()
        self.heads: tuple[int, ...] = ()
        self.decoder_from: int | None = None

    def write(self, passed: Passed) -> None:
        """Write what is kept of one pass."""
        if not self._arrays:
            self._open(passed)
        rows, n_tokens = passed.rows, passed.states[0].shape[1]
        self._arrays["output"][rows] = self._finite(passed.probabilities, "output", rows)
        before = None
        for layer, weights in passed.attention.items():
            if "rollout" in self._arrays:
                before = rolled_out(weights, before)
            if layer not in self.layers:
                continue
            at, queries = self.layers.index(layer), self._asking_in(layer)[:, rows, :n_tokens]
            for query, asked in enumerate(_asked(weights[:, list(self.heads)], queries)):
                self._arrays["attention"][query, at][:, rows, :n_tokens] = self._finite(asked, "attention", rows, 1)
            if before is not None:
                for query, asked in enumerate(_asked(before[:, None], queries)):
                    self._arrays["rollout"][query, at][rows, :n_tokens] = asked[0].cpu().numpy()
            if self._norms is not None:
                norms = self._norms.of(layer, weights)[:, list(self.heads)].transpose(0, 1)
                self._arrays["value_norms"][at][:, rows, :n_tokens] = norms.cpu().numpy()
            self._write_states(layer, rows, passed.states[layer])

    def _asking_in(self, layer: int) -> FloatArray:
        """Return how much each token of each text counts as the one that asks in a layer."""
        decodes = self.decoder_from is not None and layer >= self.decoder_from
        return self._asking_decoder if decodes and self._asking_decoder is not None else self._asking

    def _open(self, first: Passed) -> None:
        """Open the arrays, whose layers and heads the first pass tells."""
        weights = next(iter(first.attention.values()))
        layers, heads = self._wanted
        self.layers = _chosen(layers, tuple(first.attention), "layers")
        self.heads = _chosen(heads, tuple(range(weights.shape[1])), "heads")
        n_queries, *of_tokens = self._asking.shape
        kept = len(self.layers), len(self.heads)
        shapes = {"attention": (n_queries, *kept, *of_tokens), "output": (of_tokens[0], first.probabilities.shape[1])}
        self.decoder_from = first.decoder_from
        # Each layer passes on what the one before attended to.
        if len(first.attention) == len(first.states) - 1 and self.decoder_from is None:
            shapes["rollout"] = (n_queries, kept[0], *of_tokens)
        if self._norms is not None:
            shapes["value_norms"] = (*kept, *of_tokens)
        for name, shape in shapes.items():
            self._arrays[name] = self._folder.mapped(name, shape, np.float64 if name == "output" else np.float32)

    def _write_states(self, layer: int, rows: IntArray, states: torch.Tensor) -> None:
        """Write hidden states, in half precision unless one of them is too large for it."""
        name = f"hidden_{layer}"
        values = self._finite(states.float(), f"hidden states of layer {layer}", rows)
        if name not in self._arrays:
            shape = (*self._asking.shape[1:], values.shape[2])
            self._arrays[name] = self._folder.mapped(name, shape, np.float16)
        if self._arrays[name].dtype == np.float16 and np.abs(values).max() > _HALF:
            self._arrays[name] = self._folder.widened(name, self._arrays[name], np.float32)
        self._arrays[name][rows, : values.shape[1]] = values

    def _finite(self, values: torch.Tensor, name: str, rows: IntArray, axis: int = 0) -> NDArray[Any]:
        """Return an array with the texts along one axis, or raise NonFiniteError with the first that is not finite."""
        array = np.asarray(values.cpu())
        if not (finite := np.isfinite(array)).all():
            raise self._on.not_finite(first_wrong(np.moveaxis(finite, axis, 0), rows), what=name)
        return array


def _asked(weights: torch.Tensor, queries: FloatArray) -> torch.Tensor:
    """Return the attention of the queries, shape (n_queries, n_heads, n_texts, n_tokens)."""
    import torch

    counts = torch.as_tensor(queries, dtype=weights.dtype, device=weights.device)
    return torch.einsum("qbt,bhtk->qhbk", counts, weights)


def _chosen(wanted: Any, there: tuple[int, ...], name: str) -> tuple[int, ...]:
    """Return the numbers asked for, or all."""
    if wanted is None:
        return there
    given = wanted.tolist() if isinstance(wanted, np.ndarray) else wanted
    numbers = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else []
    chosen = [each for each in numbers if not isinstance(each, bool) and each in there]
    if not chosen or len(chosen) < len(numbers) or len(set(chosen)) < len(chosen):
        raise InvalidInputError(
            f"{name}: must be different numbers among {listed(there)}, or None for all; got {given!r:.60}"
        )
    return tuple(int(each) for each in chosen)
