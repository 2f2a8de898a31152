"""The trace of a transformer: attention of every layer and head, hidden states and output, in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from attnstats._validation import check_flag, check_object
from attnstats.adapters.transformers._checked import FOUND, remarks, returning_weights
from attnstats.adapters.transformers._encoder_decoder import decoder_query_weights, has_both, places_read
from attnstats.adapters.transformers._model_on_texts import ModelOnTexts
from attnstats.adapters.transformers._passed import passed
from attnstats.adapters.transformers._recorder import Recorder
from attnstats.adapters.transformers._texts_as_arrays import query_weights, texts_as_arrays
from attnstats.adapters.transformers._tokenized import Text
from attnstats.adapters.transformers._value_norms import ValueNorms
from attnstats.exceptions import InvalidInputError
from attnstats.trace import LastToken, Query, TransformerTrace, Units, Words
from attnstats.trace._arrays import Scalar, checked_metadata
from attnstats.trace._folder import as_path
from attnstats.trace._new_folder import NewFolder
from attnstats.trace.transformer._stored import FORMAT, INDEX
from attnstats.trace.transformer.queries import as_fields

#: The same of a head, or of some of the texts.
_OF_HEADS = ("layer", "head", "query", "units", "left_out", "texts_left_out", "taken_from")


def trace_transformer(
    model: Any,
    tokenizer: Any,
    texts: Sequence[Text],
    labels: ArrayLike | None = None,
    *,
    out: str | Path,
    layers: Sequence[int] | None = None,
    heads: Sequence[int] | None = None,
    queries: Sequence[Query] | None = None,
    value_norms: bool = False,
    answers: Sequence[str] | None = None,
    max_length: int | None = None,
    batch_size: int = 32,
    units: Units = Words(),  # noqa: B008 (frozen)
    **metadata: Scalar,
) -> TransformerTrace:
    """Run a transformer on texts, and write the attention of its layers and heads, hidden states and output.

    Texts of equal length run together, so that nothing is padded and results do not hang on how a model treats padding.
    A model whose fused kernel never holds the weights runs by code that does, and has its kernel back afterwards.

    Of a classifier with an encoder and a decoder, the layers of the encoder come first, those of the decoder from
    `decoder_from` in the metadata; what the decoder attends to in the encoder is left out. The decoder reads each word
    one place later: its weights and states stand here at the word that was read, and those of its start token at the
    text's last special token. Its queries are its own tokens, up to the one at which it is classified.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        A sequence classifier, or a causal language model with `answers`, in evaluation mode, on any device.
    tokenizer : transformers.PreTrainedTokenizerBase
        Its fast tokenizer.
    texts : sequence of str, or of sequences of str
        Texts, or their words.
    labels : array_like of int or str, shape (n_texts,), optional
        True classes, by their numbers or by the names in ``model.config.id2label`` or `answers`.
    out : str or Path
        The folder to be written; it must not exist yet.
    layers, heads : sequence of int, optional
        Those kept, counted from 0; by default all that have attention.
    queries : sequence of Query, optional
        Whose attention is kept; by default that of the class token where there is one, else, or with a decoder,
        of the last token.
    value_norms : bool
        Whether norms of the values are kept, for `TransformerTrace.value_weighted`.
    answers : sequence of str, optional
        Answers between which a language model chooses after the text, one token each, such as ``[" no", " yes"]``.
    max_length : int, optional
        Number of tokens to which texts are cut; by default the most that the model takes.
    batch_size : int
        Most texts that run together.
    units : Words or Tokens
        What the returned trace shows of a text; see `TransformerTrace.with_units`.
    **metadata : str, int, float or bool
        What describes the trace, such as ``dataset="imdb", seed=3``, but for names that are used for what was found:
        `model`, `computed_by`, `texts_cut`, `decoder_from` and `cross_attention`; of a head `layer`, `head`, `query`,
        `units`, `left_out`, `texts_left_out`; of some texts `taken_from`.

    Returns
    -------
    TransformerTrace
        Read from the folder. Weights are kept in single precision, states in half precision unless too large for it.

    Raises
    ------
    InvalidInputError
        If the model is in training mode, no classifier, or gives no weights of queries times keys; if the tokenizer is
        slow or another model's; if a text is empty, or layers or heads do not exist.
    NonFiniteError
        If hidden states, weights or outputs are not finite; it names the text and word, the layer and the head.
    TraceError
        If `out` exists already, or cannot be written.
    MissingExtraError
        If torch or transformers is not installed.

    Examples
    --------
    >>> from attnstats.adapters import trace_transformer
    >>> trace = trace_transformer(model, tokenizer, texts, labels, out="trace", seed=0)  # doctest: +SKIP
    >>> trace.head(layer=3, head=5)  # doctest: +SKIP
    AttentionTrace(2000 examples, 52 tokens, 384 dimensions, 2 classes, seed=0, layer=3, head=5, ...)
    """
    given = checked_metadata(metadata, (*FOUND, *_OF_HEADS))
    check_object(units, "units", Units, "Words() or Tokens()")
    on = ModelOnTexts.of(
        model, tokenizer, texts, answers=answers, max_length=max_length, batch_size=batch_size, labels=labels, both=True
    )
    if queries is None:
        queries = (on.query,)
        on.warn_of_guessed_query(stacklevel=3)
    asking, asking_decoder = query_weights(queries, on.tokens), None
    with_norms = check_flag(value_norms, "value_norms")
    if has_both(on.model):
        asking_decoder = decoder_query_weights(queries, on.tokens, places_read(on.model, on.tokens))
        if with_norms:
            raise InvalidInputError(
                f"value_norms: must be False for {type(on.model).__name__}, which has both encoder and decoder"
            )
    if LastToken() in queries:
        on.check_last_tokens()
    with NewFolder(as_path(out)) as folder, returning_weights(on.model) as kernel:
        arrays = {**texts_as_arrays(on.tokens), **({} if on.classes is None else {"label": on.classes})}
        for name, array in arrays.items():
            folder.save(name, array)
        with ValueNorms(on.model) if with_norms else nullcontext() as norms:
            recorder = Recorder(on, folder, asking, asking_decoder, layers, heads, norms)
            for rows in on.batches():
                recorder.write(passed(on.model, on.tokens, rows, on.answers))
        found = {"model": type(on.model).__name__, **remarks(kernel, on.tokens.truncated)}
        if recorder.decoder_from is not None:
            found |= {"decoder_from": recorder.decoder_from, "cross_attention": "left out"}
        asked = [as_fields(query) for query in queries]
        kept = {"layers": recorder.layers, "heads": recorder.heads, "queries": asked}
        folder.finish(INDEX, {**FORMAT, **kept, "metadata": {**found, **given}})
    return TransformerTrace.load(out, units)
