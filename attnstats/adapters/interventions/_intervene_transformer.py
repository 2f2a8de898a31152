"""The output of a transformer with some of its attention heads changed while it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from attnstats._validation import RNGLike, as_generator
from attnstats.adapters.interventions._attention_calls import AttentionCalls
from attnstats.adapters.interventions._passes import Passes
from attnstats.adapters.interventions.interface import Head, HeadIntervention
from attnstats.adapters.interventions.intervened_heads import IntervenedHeads
from attnstats.adapters.transformers._checked import FOUND, remarks, returning_weights
from attnstats.adapters.transformers._model_on_texts import ModelOnTexts
from attnstats.adapters.transformers._tokenized import Text
from attnstats.exceptions import InvalidInputError
from attnstats.trace._arrays import Scalar, checked_metadata
from attnstats.trace._names import listed

#: A head, or several that are changed together.
HeadSet: TypeAlias = Head | Sequence[Head]


def intervene_transformer(
    model: Any,
    tokenizer: Any,
    texts: Sequence[Text],
    interventions: HeadIntervention | Sequence[HeadIntervention],
    *,
    heads: Sequence[HeadSet] | None = None,
    labels: ArrayLike | None = None,
    answers: Sequence[str] | None = None,
    max_length: int | None = None,
    batch_size: int = 32,
    rng: RNGLike = None,
    **metadata: Scalar,
) -> IntervenedHeads:
    """Run a transformer on texts with some of its attention heads changed, and return its output.

    The output of a head is weights times values. It is replaced where the model has computed it, and all that comes
    after runs as it is. Layers below are computed once and serve all interventions, where the model allows it. Texts of
    equal length run together, without padding. The model has its kernel back afterwards, and nothing is left in it.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        A sequence classifier, or a causal language model with `answers`, in evaluation mode, on any device.
    tokenizer : transformers.PreTrainedTokenizerBase
        Its fast tokenizer.
    texts : sequence of str, or of sequences of str
        Texts, or their words.
    interventions : HeadIntervention, or a sequence of them
        `UniformWeights`, `PermutedWeights`, `ZeroedOutput`, `MeanOutput`, or your own.
    heads : sequence of (layer, head), or of sequences of them, optional
        Heads that are changed one at a time, counted from 0, or several at a time: ``[(3, 5), [(0, 1), (2, 4)]]``. By
        default every head alone.
    labels : array_like of int or str, shape (n_texts,), optional
        True classes, for accuracy, as in `trace_transformer`.
    answers, max_length, batch_size
        As in `trace_transformer`.
    rng : None, int or numpy.random.Generator
        Source of permutations. Those of a head hang neither on `batch_size` nor on what is asked beside it.
    **metadata : str, int, float or bool
        What describes the run, such as ``dataset="imdb", seed=3``, but for `computed_by` and `texts_cut`, which are
        found here.

    Returns
    -------
    IntervenedHeads
        For `attnstats.studies.head_ablation_test`.

    Raises
    ------
    InvalidInputError
        If heads do not exist, the model computes attention in a way of its own, such as DeBERTa and XLNet, or it or the
        tokenizer is refused by `trace_transformer`.
    NonFiniteError
        If an output is not finite.
    MissingExtraError
        If torch or transformers is not installed.

    Examples
    --------
    >>> from attnstats.adapters import ZeroedOutput, intervene_transformer
    >>> intervene_transformer(model, tokenizer, texts, ZeroedOutput(), labels=labels)  # doctest: +SKIP
    IntervenedHeads(zeroed; 72 heads, 500 texts, model='BertForSequenceClassification')
    """
    done, given = _checked_interventions(interventions), checked_metadata(metadata, FOUND)
    on = ModelOnTexts.of(
        model, tokenizer, texts, answers=answers, max_length=max_length, batch_size=batch_size, labels=labels
    )
    batches = list(on.batches())
    with returning_weights(on.model) as kernel, AttentionCalls(on.model) as calls:
        passes = Passes(on, calls)
        sets = _head_sets(heads, passes.n_heads)
        if any(each.needs_mean for each in done):
            passes.take_means(batches)
        root = int(as_generator(rng).integers(2**63))
        runs = [_Run(intervention, *_by_layer(of, root)) for intervention in done for of in sets]
        intact = np.empty((len(texts), passes.n_classes))
        output = np.empty((len(runs), *intact.shape))
        for rows in batches:
            intact[rows] = passes.intact(rows)
            for number, run in enumerate(runs):
                output[number, rows] = passes.changed(rows, *run)
    return IntervenedHeads(
        interventions=done,
        heads=sets,
        texts=tuple(text if isinstance(text, str) else " ".join(text) for text in texts),
        labels=on.classes,
        intact=intact,
        output=output.reshape(len(done), len(sets), *intact.shape),
        metadata={"model": type(on.model).__name__, **remarks(kernel, on.tokens.truncated), **given},
    )


class _Run(NamedTuple):
    """An intervention, the heads of each layer that it is for, and where these draw from."""

    intervention: HeadIntervention
    heads: dict[int, list[int]]
    streams: dict[int, np.random.Generator]


def _by_layer(heads: Sequence[Head], root: int) -> tuple[dict[int, list[int]], dict[int, np.random.Generator]]:
    """Return the heads of each layer, and a stream for each layer that hangs on these heads alone."""
    of: dict[int, list[int]] = {}
    for layer, head in heads:
        of.setdefault(layer, []).append(head)
    return of, {layer: np.random.default_rng([root, layer, *numbers]) for layer, numbers in of.items()}


def _checked_interventions(given: Any) -> tuple[HeadIntervention, ...]:
    """Return the interventions, after checking that they are some, and differ."""
    several = (given,) if isinstance(given, HeadIntervention) else given
    known = isinstance(several, Sequence) and several and all(isinstance(each, HeadIntervention) for each in several)
    if not known or len({each.label for each in several}) < len(several):
        raise InvalidInputError(
            f"interventions: must be one such as ZeroedOutput(), or different ones; got {given!r:.80}"
        )
    return tuple(several)


def _head_sets(heads: Any, n_heads: Mapping[int, int]) -> tuple[tuple[Head, ...], ...]:
    """Return the heads of each intervention, after checking that they exist; every one alone by default."""
    if heads is None:
        return tuple(((layer, head),) for layer, n in n_heads.items() for head in range(n))
    given = _plain(heads)
    if isinstance(given, str) or not isinstance(given, Sequence) or not len(given):
        raise InvalidInputError(
            f"heads: must be pairs of layer and head, such as [(3, 5)], or None for each head alone; got {heads!r:.60}"
        )
    sets = tuple(tuple(_head(pair, n_heads) for pair in ([of] if _is_pair(of) else of)) for of in given)
    for of in sets:
        if not of or len(set(of)) < len(of):
            raise InvalidInputError(f"heads: must be different in each set, at least one; got {list(of)}")
    if len({frozenset(of) for of in sets}) < len(sets):
        raise InvalidInputError(f"heads: must be different sets; got {heads!r:.60}")
    return sets


def _plain(heads: Any) -> Any:
    """Return arrays as lists, at any depth."""
    if isinstance(heads, list | tuple):
        return [_plain(each) for each in heads]
    return heads.tolist() if isinstance(heads, np.ndarray) else heads


def _is_pair(of: Any) -> bool:
    """Return whether it is a layer and a head, or else a set of heads."""
    return not isinstance(of, Sequence) or not all(isinstance(each, Sequence) for each in of)


def _head(pair: Any, n_heads: Mapping[int, int]) -> Head:
    whole = isinstance(pair, Sequence) and len(pair) == 2
    whole = whole and all(isinstance(each, int | np.integer) and not isinstance(each, bool) for each in pair)
    if not whole or pair[0] not in n_heads or pair[1] not in range(n_heads[pair[0]]):
        shown = tuple(pair) if isinstance(pair, list) else pair
        raise InvalidInputError(
            f"heads: must be pairs of a layer and a head of the model, {_known(n_heads)}; got {shown!r:.60}"
        )
    return int(pair[0]), int(pair[1])


def _known(n_heads: Mapping[int, int]) -> str:
    """Return which layers and heads there are."""
    if len(set(n_heads.values())) > 1:
        return "layer " + ", ".join(f"{layer} with {n} heads" for layer, n in n_heads.items())
    return f"layers {listed(tuple(n_heads))}, heads {listed(range(next(iter(n_heads.values()))))}"
