"""Tokens of texts, and their ids."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

from attnstats.exceptions import InvalidInputError

#: Id of padding, and of every word that the vocabulary does not hold.
PADDING, UNKNOWN = 0, 1

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
# A run of letters and digits, with apostrophes inside it; or one mark that conveys sentiment.
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[!?]")


def tokenize(text: str) -> list[str]:
    r"""Return the tokens of a text.

    HTML tags are dropped, entities decoded and letters lower-cased. Tokens are the matches of
    ``[^\W_]+(?:'[^\W_]+)*|[!?]``: runs of letters and digits with apostrophes inside, and the marks ``!`` and ``?``.

    Examples
    --------
    >>> tokenize("It isn&#39;t a 1950s film!<br />Café <i>society</i>, 'well-made'?")
    ['it', "isn't", 'a', '1950s', 'film', '!', 'café', 'society', 'well', 'made', '?']
    """
    if not isinstance(text, str):
        raise InvalidInputError(f"text: must be a string; got {text!r}")
    plain = html.unescape(_TAG.sub(" ", text)) if "<" in text or "&" in text else text
    return _TOKEN.findall(plain.replace("\u2019", "'").lower())


@dataclass(frozen=True)
class Vocabulary:
    """Words and their ids: 0 is padding, 1 is every unknown word, words start at 2.

    Parameters
    ----------
    words : tuple of str
        Known words in the order of their ids.

    Examples
    --------
    >>> vocabulary = Vocabulary.from_tokens([["good", "film"], ["good", "plot"]], min_count=2)
    >>> len(vocabulary), vocabulary.ids(["good", "film"])
    (3, [2, 1])
    """

    words: tuple[str, ...]
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not (isinstance(self.words, tuple) and all(isinstance(word, str) for word in self.words)):
            raise InvalidInputError(f"words: must be a tuple of strings; got {self.words!r}")
        object.__setattr__(self, "_ids", {word: code for code, word in enumerate(self.words, start=UNKNOWN + 1)})

    @classmethod
    def from_tokens(cls, texts: Iterable[Sequence[str]], *, min_count: int = 2, max_vocabulary: int = 20_000) -> Self:
        """Return the most frequent words with at least `min_count` occurrences; ties are broken alphabetically."""
        counts = Counter(token for tokens in texts for token in tokens)
        frequent = sorted((-count, word) for word, count in counts.items() if count >= min_count)
        return cls(tuple(word for _, word in frequent[:max_vocabulary]))

    def ids(self, tokens: Sequence[str]) -> list[int]:
        """Return the id of each token."""
        return [self._ids.get(token, UNKNOWN) for token in tokens]

    def __contains__(self, word: str) -> bool:
        return word in self._ids

    def __len__(self) -> int:
        """Return the number of ids, padding and the unknown word included: the rows of an embedding."""
        return len(self.words) + UNKNOWN + 1
