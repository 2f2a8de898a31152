"""A model and the texts that it runs on, checked at the door."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any, Self

from numpy.typing import ArrayLike

from attnstats._validation import IntArray, check_count
from attnstats.adapters.transformers._checked import answer_ids, check_pair
from attnstats.adapters.transformers._classes import checked_labels, is_one_column
from attnstats.adapters.transformers._encoder_decoder import has_both
from attnstats.adapters.transformers._not_finite import not_finite
from attnstats.adapters.transformers._own_tokenizer import check_tokens
from attnstats.adapters.transformers._passed import of_equal_length
from attnstats.adapters.transformers._tokenized import Text, TokenizedTexts, longest, tokenized
from attnstats.exceptions import InvalidInputError, NonFiniteError, UnreliableEstimateWarning, require
from attnstats.trace import ClassToken, LastToken, Query


@dataclass(frozen=True, eq=False)
class ModelOnTexts:
    """A classifier, or a language model with answers, and texts.

    Parameters
    ----------
    model, tokenizer
        Of the transformers library.
    tokens : TokenizedTexts
        The texts.
    answers : list of int or None
        Tokens between which a language model chooses.
    most : int
        Most texts that run together.
    classes : ndarray of int, shape (n_texts,), or None
        True classes.
    """

    model: Any
    tokenizer: Any
    tokens: TokenizedTexts
    answers: list[int] | None
    most: int
    classes: IntArray | None

    @classmethod
    def of(
        cls,
        model: Any,
        tokenizer: Any,
        texts: Sequence[Text],
        *,
        answers: Sequence[str] | None,
        max_length: int | None,
        batch_size: int,
        labels: ArrayLike | None = None,
        both: bool = False,
    ) -> Self:
        """Return them as `trace_transformer` takes them, or raise its errors; of both encoder and decoder if `both`."""
        require("torch", "transformers")
        require("transformers", "transformers")
        if isinstance(texts, Mapping) or hasattr(texts, "columns"):  # which would be gone through by their keys
            keys = ", ".join(map(str, texts))
            raise InvalidInputError(
                f"texts: must be a sequence of texts; got a {type(texts).__name__} of {keys:.60}; pass the column of "
                "it that holds them, before they are tokenized"
            )
        if isinstance(texts, str) or not isinstance(texts, Sized) or not len(texts):
            raise InvalidInputError(f"texts: must be a sequence of texts, at least one; got {texts!r:.60}")
        most = check_count(batch_size, "batch_size")
        model = getattr(model, "_orig_mod", model)  # as it was before torch.compile, which it gives the same numbers as
        check_pair(model, tokenizer, answers, both)
        chosen = None if answers is None else answer_ids(tokenizer, answers)
        classes = checked_labels(len(texts), labels, model, answers)
        tokens = tokenized(tokenizer, texts, longest(tokenizer, model, max_length))
        check_tokens(model, tokenizer, tokens.inputs["input_ids"])
        if chosen is None and model.config.get_text_config().pad_token_id is None:
            most = 1  # by which decoders find the last token of each of several texts
        return cls(model, tokenizer, tokens, chosen, most, classes)

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        if self.answers is not None:
            return len(self.answers)
        return 2 if self.one_column else int(self.model.config.num_labels)

    @property
    def one_column(self) -> bool:
        """Whether the model gives the log-odds of class 1 of two."""
        return self.answers is None and is_one_column(self.model)

    @property
    def query(self) -> Query:
        """Whose attention is meant if nobody says: the class token where there is one, else the last token.

        A decoder is read at its last token, though the text that it shares with an encoder may have a class token.
        """
        return ClassToken() if (self.tokens.class_at >= 0).all() and not has_both(self.model) else LastToken()

    def warn_of_guessed_query(self, stacklevel: int) -> None:
        """Warn if a model that reads texts both ways gets no class token: it need not rest on the last token."""
        if self.query != LastToken() or has_both(self.model):
            return
        if not any(getattr(part, "is_causal", False) for part in self.model.modules()):
            warnings.warn(
                f"queries: should say whose attention is meant; {type(self.tokenizer).__name__} adds no class token,"
                f" and {type(self.model).__name__} reads texts both ways, so that the last token, which is taken, need"
                " not be the one on which its output rests; pass queries=[MeanQuery()] or another, or load the model's"
                " own tokenizer",
                UnreliableEstimateWarning,
                stacklevel=stacklevel,
            )

    def batches(self) -> Iterator[IntArray]:
        """Yield the numbers of texts that run together."""
        yield from of_equal_length(self.tokens.lengths, self.most)

    def not_finite(self, text: int, *, what: str = "output", when: str = "") -> NonFiniteError:
        """Return the error that says where in the model numbers of a text stopped to be finite."""
        return not_finite(self.model, self.tokens, text, what=what, when=when)

    def check_last_tokens(self) -> None:
        """Raise if a text ends in the padding token: classifiers look for the last token that is another one."""
        if self.answers is not None or has_both(self.model):  # which is read at the end token
            return
        padding = self.model.config.get_text_config().pad_token_id
        for text, ids in enumerate(self.tokens.inputs["input_ids"]):
            if ids[-1] == padding:
                raise InvalidInputError(
                    f"texts: must not end in the model's padding token, {self.tokens.pieces[text][-1]!r}, as text "
                    f"{text} does: the model classifies it by the token before, and LastToken() would be another; "
                    "give padding a token of its own"
                )
