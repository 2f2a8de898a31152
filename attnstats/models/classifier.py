"""A text classifier whose attention can be read, replaced and recomputed."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import keras
import numpy as np
from keras import KerasTensor, Model, layers, ops
from numpy.typing import NDArray

from attnstats._validation import BoolArray, RNGLike, as_generator, check_count
from attnstats.exceptions import InvalidInputError
from attnstats.models._seeding import fresh_copy

FloatArray32 = NDArray[np.float32]

#: Examples per call for NumPy arrays.
_CHUNK = 512
#: Layers that a model is made of.
_PARTS = ("encoder", "attention", "normalizer")


class Forward(NamedTuple):
    """A forward pass: probabilities (batch, classes), attention (batch, tokens), hidden (batch, tokens, units)."""

    probabilities: Any
    attention: Any
    hidden: Any


@keras.saving.register_keras_serializable(package="attnstats")
class AttentionClassifier(Model):
    """Embedding, encoder, attention a, context c = Σ a_t h_t, and a softmax over classes.

    Parameters
    ----------
    vocabulary_size : int
        Rows of the embedding: token ids run from 0 (padding) to ``vocabulary_size - 1``.
    n_classes : int
        Classes, 2 or more.
    encoder, attention, normalizer : keras.layers.Layer
        One layer each from `attnstats.models.encoders`, `.attention` and `.normalizers`.
    embedding_size : int
        Columns of the embedding.
    embedding_dropout, word_dropout, dropout : float
        Share dropped in training of the embedding's coordinates, of whole tokens, and of the context's coordinates.

    Raises
    ------
    InvalidInputError
        If a count is too small or a dropout rate outside [0, 1).

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.models import Additive, MLP, Softmax
    >>> model = AttentionClassifier(10, 2, MLP(units=8), Additive(units=4), Softmax())
    >>> forward = model(np.array([[2, 3, 4], [5, 1, 0]]))
    >>> forward.probabilities.shape, forward.attention.shape, forward.hidden.shape
    (TensorShape([2, 2]), TensorShape([2, 3]), TensorShape([2, 3, 8]))
    """

    def __init__(
        self,
        vocabulary_size: int,
        n_classes: int,
        encoder: layers.Layer,
        attention: layers.Layer,
        normalizer: layers.Layer,
        *,
        embedding_size: int = 48,
        embedding_dropout: float = 0.6,
        word_dropout: float = 0.3,
        dropout: float = 0.3,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.vocabulary_size = check_count(vocabulary_size, "vocabulary_size", minimum=2)
        self.n_classes = check_count(n_classes, "n_classes", minimum=2)
        self.embedding_size = check_count(embedding_size, "embedding_size")
        self.encoder = encoder
        self.attention = attention
        self.normalizer = normalizer
        self.embedding = layers.Embedding(self.vocabulary_size, self.embedding_size)
        self.embedding_dropout = layers.Dropout(_rate(embedding_dropout, "embedding_dropout"))
        self.word_dropout = layers.Dropout(_rate(word_dropout, "word_dropout"), noise_shape=(None, None, 1))
        self.dropout = layers.Dropout(_rate(dropout, "dropout"))
        self.head = layers.Dense(self.n_classes, activation="softmax")
        #: Set when the model is first trained or traced.
        self.compiled_functions: Any = None
        self.build((None, None))

    def build(self, input_shape: Any) -> None:
        """Create all weights for token ids of shape (batch, tokens)."""
        embedded = (*input_shape, self.embedding_size)
        hidden = (*input_shape, self.encoder.units)
        for layer, shape in (
            (self.embedding, input_shape),
            (self.embedding_dropout, embedded),
            (self.word_dropout, embedded),
            (self.encoder, embedded),
            (self.attention, hidden),
            (self.normalizer, input_shape),
            (self.dropout, (input_shape[0], self.encoder.units)),
            (self.head, (input_shape[0], self.encoder.units)),
        ):
            if not layer.built:  # layers of a loaded model are built already
                layer.build(shape)

    def call(self, token_ids: KerasTensor, training: bool = False) -> Forward:
        """Return probabilities, attention and hidden states of token ids of shape (batch, tokens); 0 is padding."""
        mask = ops.not_equal(token_ids, 0)
        hidden = self.encode(token_ids, training)
        attention = self.normalizer(self.attention(hidden, mask), mask, training=training)
        return Forward(self.classify(hidden, attention, training), attention, hidden)

    def encode(self, token_ids: KerasTensor, training: bool = False) -> KerasTensor:
        """Return hidden states of shape (batch, tokens, units)."""
        embedded = self.embedding_dropout(self.embedding(token_ids), training=training)
        return self.encoder(self.word_dropout(embedded, training=training), ops.not_equal(token_ids, 0))

    def context(self, hidden: KerasTensor, attention: KerasTensor) -> KerasTensor:
        """Return Σ a_t h_t, shape (batch, units)."""
        return ops.squeeze(ops.matmul(attention[:, None], hidden), axis=1)

    def classify(self, hidden: KerasTensor, attention: KerasTensor, training: bool = False) -> KerasTensor:
        """Return the probabilities, shape (batch, classes), of hidden states under an attention."""
        return self.head(self.dropout(self.context(hidden, attention), training=training))

    def predict_from_attention(self, hidden: FloatArray32, attention: FloatArray32) -> FloatArray32:
        """Return the probabilities, shape (n, n_classes), of hidden states (n, n_tokens, units) under an attention.

        InvalidInputError names shapes of `hidden`, and of `attention` (n, n_tokens), that disagree with the model.
        """
        self.check_hidden(hidden, attention, "attention")
        return _chunked(self.classify, hidden, attention)

    def attention_with(
        self, normalizer: layers.Layer, hidden: FloatArray32, mask: BoolArray, *, rng: RNGLike = 0
    ) -> FloatArray32:
        """Return the attention of the trained scorer under another normalizer, in inference mode, shape (n, n_tokens).

        Parameters
        ----------
        normalizer : keras.layers.Layer
            One of `attnstats.models.normalizers`; a copy is used, so its own state does not change.
        hidden : ndarray, shape (n, n_tokens, units)
            Hidden states of this model.
        mask : ndarray of bool, shape (n, n_tokens)
            True at real tokens.
        rng : int or Generator
            Source of noise, where the normalizer draws any.

        Raises
        ------
        InvalidInputError
            If the shapes disagree with each other or with the model.
        """
        self.check_hidden(hidden, mask, "mask")
        return _attend(self.attention, fresh_copy(normalizer, as_generator(rng)), hidden, mask)

    def random_scorer_attention(self, hidden: FloatArray32, mask: BoolArray, rng: RNGLike = None) -> FloatArray32:
        """Return the attention of an untrained scorer of the same architecture and normalizer, shape (n, n_tokens).

        This is the control with a frozen random scorer. Parameters and errors are those of `attention_with`; `rng` also
        gives the initial weights.
        """
        self.check_hidden(hidden, mask, "mask")
        generator = as_generator(rng)
        scorer, normalizer = fresh_copy(self.attention, generator), fresh_copy(self.normalizer, generator)
        return _attend(scorer, normalizer, hidden, mask)

    def check_hidden(self, hidden: FloatArray32, other: NDArray[Any], name: str) -> None:
        """Raise unless `hidden` has this model's units, and `other` one value for each token."""
        if hidden.ndim != 3 or hidden.shape[2] != self.encoder.units:
            raise InvalidInputError(f"hidden: must have shape (n, n_tokens, {self.encoder.units}); got {hidden.shape}")
        if other.shape != hidden.shape[:2]:
            raise InvalidInputError(f"{name}: must have shape {hidden.shape[:2]} like hidden; got {other.shape}")

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, layers in their serialised form."""
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "n_classes": self.n_classes,
            **{part: keras.saving.serialize_keras_object(getattr(self, part)) for part in _PARTS},
            "embedding_size": self.embedding_size,
            **{name: getattr(self, name).rate for name in ("embedding_dropout", "word_dropout", "dropout")},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return a model with the configuration that `get_config` gave, with new weights."""
        return cls(**config | {part: keras.saving.deserialize_keras_object(config[part]) for part in _PARTS})


def _rate(value: float, name: str) -> float:
    if not isinstance(value, int | float) or not 0 <= value < 1:
        raise InvalidInputError(f"{name}: must lie in [0, 1); got {value!r}")
    return float(value)


def _attend(scorer: layers.Layer, normalizer: layers.Layer, hidden: FloatArray32, mask: BoolArray) -> FloatArray32:
    return _chunked(lambda h, m: normalizer(scorer(h, m), m, training=False), hidden, mask)


def _chunked(function: Any, *arrays: NDArray[Any]) -> FloatArray32:
    pieces = [
        ops.convert_to_numpy(function(*(ops.convert_to_tensor(array[start : start + _CHUNK]) for array in arrays)))
        for start in range(0, len(arrays[0]), _CHUNK)
    ]
    return np.concatenate(pieces)
