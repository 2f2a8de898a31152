"""What each token contributes to the output of a PyTorch module."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attnstats._validation import IntArray, as_targets, check_object, check_text
from attnstats.adapters._collecting import fitting, joined
from attnstats.adapters._torch_batches import Key, Pass
from attnstats.adapters._torch_hooks import Hooked
from attnstats.adapters._trace_torch import ModelOutput
from attnstats.adapters.attributions._attributed import check_rows_finite
from attnstats.adapters.attributions._batch import EmbeddingAttribution, TransformerAttribution
from attnstats.adapters.attributions._module_on_batch import ModuleOnBatch
from attnstats.adapters.attributions._module_texts import ModuleTexts
from attnstats.adapters.attributions.attributions import Attributions
from attnstats.adapters.attributions.outputs import ClassLogit, ClassOutput, ClassProbability
from attnstats.adapters.capture import Logits, Output, PositiveProbability, as_captured
from attnstats.exceptions import InvalidInputError, require
from attnstats.trace import Tokens
from attnstats.trace._arrays import token_mask


def attribute_torch(
    module: Any,
    batches: Iterable[Any],
    attribution: EmbeddingAttribution,
    /,
    *,
    embedding: str,
    output: ModelOutput,
    target: int | ArrayLike | None = None,
    attributed: ClassOutput = ClassProbability(),  # noqa: B008 (frozen)
    mask: Key = None,
    label: Key = None,
    forward: Callable[[Any, Any], Any] | None = None,
) -> Attributions:
    """Run a PyTorch module on batches, and return what each token contributes to its output for one class.

    The tokens are those of `trace_torch`, so that scores can be compared with its attention. The module runs as it is,
    on its own device, with vectors in the place of what its embedding returns. Hooks are removed at the end, also if it
    fails, and its parameters get no gradients. The output for a text must not depend on the others of its batch.

    Parameters
    ----------
    module, batches, output, mask, label, forward
        As in `trace_torch`. Texts in a batch are padded; the module may pack them after they are embedded.
    attribution : GradientTimesInput, IntegratedGradients or LeaveOneOut
        The method. A baseline, and what stands in the place of a token that is left out, is ``ZeroEmbedding()``.
    embedding : str
        The submodule that embeds the tokens, by its dotted name in ``module.named_modules()``, once in a pass; it
        returns vectors of shape (n_examples, n_tokens, dim).
    target : int or array_like of int, shape (n_examples,), optional
        Class whose output is attributed, one for all examples or one for each; the predicted one by default.
    attributed : ClassProbability or ClassLogit
        Which number of that class; the second of `Logits` alone, of one column the log-odds of the class.

    Returns
    -------
    Attributions
        Its `scores`, shape (n_examples, n_tokens), are zero at padding; `tokens` is None.

    Raises
    ------
    InvalidInputError
        As `trace_torch`; if the method needs a tokenizer, or the attention of a transformer; if `target` names no
        class; if the output has no gradient by what the embedding returns.
    NonFiniteError
        If outputs or scores are not finite.
    MissingExtraError
        If PyTorch is not installed.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from attnstats.adapters import ClassLogit, GradientTimesInput, Logits, attribute_torch
    >>> class Bag(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.embedding = nn.Embedding.from_pretrained(torch.tensor([[0.0, 0.0], [0.0, 2.0], [1.5, 0.0]]))
    ...     def forward(self, ids):
    ...         return self.embedding(ids).sum(dim=1)
    >>> attribute_torch(
    ...     Bag().eval(), [torch.tensor([[1, 2], [1, 0]])], GradientTimesInput(signed=True), embedding="embedding",
    ...     output=Logits(), target=1, attributed=ClassLogit(), mask=lambda ids: ids != 0).scores
    array([[2., 0.],
           [2., 0.]])
    """
    if isinstance(attribution, TransformerAttribution) and not isinstance(attribution, EmbeddingAttribution):
        raise InvalidInputError(
            "attribution: must be by the embeddings, as GradientTimesInput(), IntegratedGradients() or "
            f"LeaveOneOut(ZeroEmbedding()); got {attribution!r}, which asks a transformer for its attention"
        )
    check_object(attribution, "attribution", EmbeddingAttribution, "GradientTimesInput()")
    check_object(attributed, "attributed", ClassOutput, "ClassProbability() or ClassLogit()")
    if isinstance(attributed, ClassLogit) and not isinstance(output, Logits):
        raise InvalidInputError(f"attributed: must be ClassProbability() unless output is Logits(name); got {output!r}")
    require("torch", "torch")
    runner, classes = Pass(module, mask, label, forward), _Targets(target)
    declared = output.of if isinstance(output, Logits | PositiveProbability) else output
    captured = {"embedding": Output(check_text(embedding, "embedding")), "output": as_captured(declared, "output")}
    hooked = Hooked(runner.module, captured)
    parts: list[tuple[NDArray[Any], ...]] = []
    tolerance = 0.0
    import torch

    # Tensors of a caller's inference mode could not be differentiated through.
    with torch.inference_mode(False), hooked.hooks():
        for batch in runner.on_device(batches):
            given = runner.mask_of(batch)
            on = ModuleOnBatch(runner, hooked, output, batch)
            n, n_tokens = on.embedded.shape[:2]
            rows = np.arange(classes.n_taken, classes.n_taken + n)
            logits = on.logits.cpu().numpy()
            check_rows_finite(logits, "output", rows)
            real = token_mask(fitting(given, n_tokens), (n, n_tokens))
            texts = ModuleTexts(logits, classes.of(logits), attributed, on, real)
            scores, baseline, tolerance = attribution.of_batch(texts)
            check_rows_finite(scores, "scores", rows)
            parts.append((scores, real, texts.classes, texts.intact, np.empty(0) if baseline is None else baseline))
    if not parts:
        raise InvalidInputError("batches: must hold a batch; got none")
    classes.check_all_taken()
    scores, real, chosen, value, start = zip(*parts, strict=True)
    starts = np.concatenate(start)
    attributions = Attributions(
        joined(scores),
        joined(real),
        None,
        np.concatenate(chosen),
        np.concatenate(value),
        starts if starts.size else None,
        attribution,
        attributed,
        Tokens(special=True),
    )
    if starts.size:
        attributions.warn_of_gaps(tolerance)
    return attributions


class _Targets:
    """The classes that are attributed, as batches come.

    Parameters
    ----------
    target : int, array_like of int or None
        One for all texts, one for each, or None of the predicted ones.
    """

    def __init__(self, target: int | ArrayLike | None) -> None:
        self._given = None if target is None else np.asarray(target)
        if self._given is not None and (self._given.dtype.kind not in "iu" or self._given.ndim > 1):
            raise InvalidInputError(
                f"target: must be a class or one for each text; got {self._given.dtype} of shape {self._given.shape}"
            )
        self.n_taken = 0

    def of(self, logits: NDArray[np.float64]) -> IntArray:
        """Return the classes of the next texts, whose scores are given."""
        n, n_classes = logits.shape
        start, self.n_taken = self.n_taken, self.n_taken + n
        if self._given is None:
            return np.asarray(logits.argmax(axis=1))
        some = self._given if self._given.ndim == 0 else self._given[start : start + n]
        if some.ndim and len(some) < n:
            raise InvalidInputError(f"target: must be one or one for each text; got {len(self._given)} of more texts")
        return as_targets(some, n, n_classes, start)

    def check_all_taken(self) -> None:
        """Raise if there are more classes than texts."""
        if self._given is not None and self._given.ndim and len(self._given) > self.n_taken:
            raise InvalidInputError(
                f"target: must be one or one for each text; got {len(self._given)} of {self.n_taken} texts"
            )
