"""Passes of a model over texts of equal length, intact and with some heads changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from attnstats._validation import FloatArray, IntArray
from attnstats.adapters.interventions._attention_calls import AttentionCalls, Call, replaced
from attnstats.adapters.interventions._replay import Replay
from attnstats.adapters.interventions.interface import HeadIntervention, HeadPass
from attnstats.adapters.transformers._checked import attending_layers
from attnstats.adapters.transformers._model_on_texts import ModelOnTexts
from attnstats.adapters.transformers._not_finite import first_wrong
from attnstats.adapters.transformers._passed import probabilities, returned

if TYPE_CHECKING:
    import torch


class Passes:
    """Passes of one model.

    Parameters
    ----------
    on : ModelOnTexts
        The model, without a fused kernel, and what it reads.
    calls : AttentionCalls
        Those of the model, entered.
    """

    def __init__(self, on: ModelOnTexts, calls: AttentionCalls) -> None:
        self._on, self._calls = on, calls
        self._replay = Replay(on.model)
        self._means: dict[int, torch.Tensor] = {}
        self.n_heads = self._surveyed(np.array([int(on.tokens.lengths.argmin())]))
        self._layers = list(self.n_heads)

    def intact(self, rows: IntArray) -> FloatArray:
        """Return the probabilities of the classes, shape (n_texts, n_classes), and keep what lower layers gave."""
        with self._replay.recorded(), self._calls.handled(lambda _, call: self._calls.check(call)):
            intact = self._probabilities(rows)
        return self._finite(intact, rows)

    def changed(
        self,
        rows: IntArray,
        intervention: HeadIntervention,
        by_layer: Mapping[int, Sequence[int]],
        streams: Mapping[int, np.random.Generator],
    ) -> FloatArray:
        """Return the same with some heads of some layers changed, from a stream of random numbers for each layer.

        The texts must be those of the last intact pass.
        """
        n_replayed = self._replay.upto(min(by_layer))
        missing = set(by_layer)

        def change(number: int, call: Call) -> Any:
            layer = self._layers[number]
            if layer not in by_layer:
                return None
            missing.discard(layer)
            chosen = list(by_layer[layer])
            mean = self._means[layer][chosen] if self._means else None
            of = HeadPass(call.weights[:, chosen], call.allowed[:, chosen], call.values[:, chosen], mean)
            return replaced(call.output, chosen, intervention.output(of, streams[layer]), intervention.label)

        first = sum(layer < n_replayed for layer in self._layers)
        with self._replay.replayed(n_replayed), self._calls.handled(change, first):
            changed = self._probabilities(rows)
        if missing:
            raise self._calls.unknown()
        return self._finite(changed, rows, f"with heads changed by {intervention.label}")

    def take_means(self, batches: Iterable[IntArray]) -> None:
        """Run all texts, for the mean output of each head over their tokens."""
        sums: dict[int, Any] = {}

        def add(number: int, call: Call) -> None:
            layer = self._layers[number]
            sums[layer] = sums.get(layer, 0) + call.output.double().sum(dim=(0, 1)).cpu()

        for rows in batches:
            with self._calls.handled(add):
                found = self._probabilities(rows)
            self._finite(found, rows)
        n_tokens = int(self._on.tokens.lengths.sum())
        self._means = {layer: of[:, None] / n_tokens for layer, of in sums.items()}

    def _surveyed(self, rows: IntArray) -> dict[int, int]:
        """Return the number of heads of each layer that has attention; find out whether layers can be replayed."""
        seen: list[Call] = []
        with self._replay.recorded(), self._calls.handled(lambda _, call: seen.append(call)):
            intact = self._probabilities(rows)
        self._finite(intact, rows)
        if not seen:
            raise self._calls.unknown()
        for call in seen:
            self._calls.check(call)
        self.n_classes = intact.shape[1]
        config = self._on.model.config.get_text_config()
        layers = attending_layers(config, config.num_hidden_layers + 1, len(seen))
        if n_replayed := self._replay.upto(layers[-1]):
            with self._replay.replayed(n_replayed):
                again = self._probabilities(rows)
            if not np.allclose(again, intact, rtol=0, atol=1e-6):
                self._replay.give_up()
        return {layer: call.weights.shape[1] for layer, call in zip(layers, seen, strict=True)}

    def _probabilities(self, rows: IntArray) -> FloatArray:
        on = self._on
        found = probabilities(on.model, returned(on.model, on.tokens, rows), on.answers)
        return np.asarray(found.cpu().numpy())

    def _finite(self, found: FloatArray, rows: IntArray, when: str = "") -> FloatArray:
        """Return an output, or raise what is said of one that is not finite; no call must be handled any more."""
        if not (finite := np.isfinite(found)).all():
            raise self._on.not_finite(first_wrong(finite, rows), when=when)
        return found
