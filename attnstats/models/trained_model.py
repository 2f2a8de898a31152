"""A trained classifier together with its data, as ablations need it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

import numpy as np
from keras import ops
from numpy.typing import NDArray

from attnstats._validation import BoolArray, RNGLike, check_count, check_member
from attnstats.datasets import EncodedDataset, EncodedSplit
from attnstats.exceptions import InvalidInputError
from attnstats.models._compiled import compiled_functions
from attnstats.models._erasure import predict_texts, without
from attnstats.models._retraining import separate_scorer_trace, shuffled_label_attention
from attnstats.models._seeding import restored
from attnstats.models.classifier import AttentionClassifier, FloatArray32
from attnstats.models.normalizers import GumbelSoftmax, Softmax
from attnstats.models.recipe.settings import Training
from attnstats.models.training import check_fits
from attnstats.trace import AttentionTrace


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A trained model on one split of its data, which can be run under other attention, other scorers or fewer tokens.

    No method changes its weights. After training `model` anew, make a new `TrainedModel`.

    Parameters
    ----------
    model : AttentionClassifier
        Trained on `dataset` from `seed`.
    dataset : EncodedDataset
        The data.
    seed : int
        Seed of the training, at least 0; retrained models start from it too.
    training : Training
        How the model was trained; retrained models are trained likewise.
    split : {"train", "validation", "test"}
        The texts whose trace is examined.

    Raises
    ------
    InvalidInputError
        If the model does not fit the data set, the seed is negative, or `split` is another word.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.datasets import encode_dataset, planted
    >>> from attnstats.models import Additive, AttentionClassifier, MLP, Softmax, train
    >>> data, training = encode_dataset(planted(60, length=4)), Training(epochs=1)
    >>> model = AttentionClassifier(len(data.vocabulary), 2, MLP(units=8), Additive(units=4), Softmax())
    >>> history = train(model, data, seed=1, training=training)
    >>> erased = np.arange(4) == np.zeros((7, 1))  # the first token of each test text
    >>> TrainedModel(model, data, seed=1, training=training).predict_without(erased).shape
    (7, 2)
    """

    model: AttentionClassifier
    dataset: EncodedDataset
    _: KW_ONLY
    seed: int
    training: Training
    split: Literal["train", "validation", "test"] = "test"

    def __post_init__(self) -> None:
        check_fits(self.model, self.dataset)
        check_count(self.seed, "seed", minimum=0)
        check_member(self.split, "split", ("train", "validation", "test"))

    @property
    def examples(self) -> EncodedSplit:
        """The texts of the split."""
        examples: EncodedSplit = getattr(self.dataset, self.split)
        return examples

    def predict_from_attention(self, hidden: FloatArray32, attention: FloatArray32) -> FloatArray32:
        """Return the probabilities, shape (n, n_classes), of these hidden states under this attention."""
        return self.model.predict_from_attention(hidden, attention)

    def token_logits(self, hidden: FloatArray32) -> FloatArray32:
        """Return W h_t + b, shape (n, n_tokens, n_classes); Σ a_t (W h_t + b) are the logits of the output."""
        self.model.check_hidden(hidden, hidden[..., 0], "hidden")
        kernel, bias = (ops.convert_to_numpy(weight) for weight in self.model.head.weights)
        logits: FloatArray32 = hidden @ kernel + bias
        return logits

    def random_scorer_attention(self, hidden: FloatArray32, mask: BoolArray, rng: RNGLike) -> FloatArray32:
        """Return the attention, shape (n, n_tokens), of an untrained scorer of the same architecture."""
        return self.model.random_scorer_attention(hidden, mask, rng)

    def attention_at_temperature(
        self,
        hidden: FloatArray32,
        mask: BoolArray,
        temperature: float,
        rng: RNGLike,  # noqa: ARG002
    ) -> FloatArray32:
        """Return softmax(e / temperature) of the trained scores, shape (n, n_tokens); `rng` is not used."""
        return self.model.attention_with(Softmax(temperature), hidden, mask)

    def attention_with_noise(
        self, hidden: FloatArray32, mask: BoolArray, temperature: float, rng: RNGLike
    ) -> FloatArray32:
        """Return the Gumbel-softmax of the trained scores, shape (n, n_tokens), its noise drawn from `rng`."""
        noisy = GumbelSoftmax(temperature, noise_at_evaluation=True)
        return self.model.attention_with(noisy, hidden, mask, rng=rng)

    def shuffled_label_attention(self, hidden: FloatArray32, mask: BoolArray, rng: RNGLike) -> FloatArray32:
        """Return the attention, shape (n, n_tokens), of a new scorer trained on shuffled labels.

        It is no neutral control: the scorer learns to avoid tokens that distinguish the classes.
        """
        return shuffled_label_attention(self.model, self.dataset, hidden, mask, training=self.training, rng=rng)

    def separate_scorer_trace(self, rng: RNGLike) -> AttentionTrace:  # noqa: ARG002
        """Return the trace of a model whose scorer was trained after its encoder, from `seed`; `rng` is not used."""
        return separate_scorer_trace(
            self.model, self.dataset, seed=self.seed, training=self.training, split=self.split
        ).with_metadata({"seed": self.seed})

    def predict_without(self, erased: BoolArray) -> FloatArray32:
        """Return the probabilities of the texts with some tokens deleted, later ones moved up, shape (n, n_classes).

        Parameters
        ----------
        erased : ndarray of bool, shape (n, n_tokens)
            True at tokens to delete; values at padding are ignored.

        Raises
        ------
        InvalidInputError
            If `erased` has another type or shape than the mask of the split, or leaves a text without a token.
        """
        given: NDArray[Any] = np.asarray(erased)
        examples = self.examples
        if given.dtype != np.bool_ or given.shape != examples.mask.shape:
            raise InvalidInputError(
                f"erased: must be boolean of shape {examples.mask.shape}; got {given.dtype} {given.shape}"
            )
        empty = np.flatnonzero(~(examples.mask & ~given).any(axis=1))
        if len(empty):
            raise InvalidInputError(f"erased: must leave every text a token; got none in example(s) {empty[:5]}")
        with restored(self.model.normalizer):
            return predict_texts(
                compiled_functions(self.model).forward, without(examples.token_ids, given), self.model.n_classes
            )
