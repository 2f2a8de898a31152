"""Synthetic text in which the information of every token about the class is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import log, prod

import numpy as np
from scipy.special import entr

from attnstats._validation import FloatArray, IntArray, RNGLike, as_float_array, as_generator, check_count
from attnstats.datasets.joints.channels import binary_entropy
from attnstats.datasets.texts._splitting import TEST_SHARE, VALIDATION_SHARE
from attnstats.datasets.texts.text_dataset import DatasetCard, TextDataset
from attnstats.exceptions import InvalidInputError

PLANTED = DatasetCard(
    name="planted",
    title="Synthetic text with known information per token",
    classes=("zero", "one"),
    size=None,
    licence="none needed: drawn at random",
    citation="Cover and Thomas 2006, Elements of information theory, section 7.1.4 (binary symmetric channel)",
    source="drawn when loaded",
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PlantedText(TextDataset):
    """Synthetic text and the exact information in it, in nats; see `planted` for the model.

    Parameters
    ----------
    name, texts, labels, splits, class_names, licence, citation, duplicates, conflicts
        As in `TextDataset`.
    strengths : tuple of float
        For each signal, the probability that its token names the true class.
    slots : ndarray of int64, shape (n, n_signals)
        Position of each signal in each text.
    length : int
        Tokens in each text.

    Examples
    --------
    >>> from attnstats.datasets import planted
    >>> text = planted(20, length=3, strengths=[1.0, 0.5], positions=[2, 0])
    >>> {word: round(value, 3) for word, value in text.token_information.items()}
    {'signal0zero': 0.693, 'signal0one': 0.693, 'signal1zero': 0.0, 'signal1one': 0.0}
    >>> text.information()[0].round(3).tolist(), round(text.total_information, 3)
    ([0.0, 0.0, 0.693], 0.693)
    """

    strengths: tuple[float, ...]
    slots: IntArray
    length: int

    @property
    def token_information(self) -> dict[str, float]:
        """Information between the presence of each signal word in a text and the class; for other words it is 0."""
        of_signals = enumerate(self._information_of_signals().tolist())
        return {_word(signal, name): value for signal, value in of_signals for name in self.class_names}

    @property
    def position_information(self) -> FloatArray:
        """Information I(X_t; Y) between the token at each position and the class, shape (length,)."""
        information = self._information_of_signals()
        if (self.slots == self.slots[0]).all():
            by_position = np.zeros(self.length)
            by_position[self.slots[0]] = information
            return by_position
        # Drawn anew for each text, the place of a signal is each position with probability 1/length.
        return np.full(self.length, information.sum() / self.length)

    @property
    def total_information(self) -> float:
        """Information between a whole text and the class, the most that any function of the text carries."""
        # I(Z; Y) = H(Z) - sum of h(p_k), with H(Z) summed over all 2^K values of the K signals.
        entropy = 0.0
        for says_one in product((False, True), repeat=len(self.strengths)):
            if_one = prod(p if says else 1 - p for p, says in zip(self.strengths, says_one, strict=True))
            if_zero = prod(1 - p if says else p for p, says in zip(self.strengths, says_one, strict=True))
            entropy += float(entr((if_one + if_zero) / 2))
        return entropy - sum(binary_entropy(strength) for strength in self.strengths)

    def information(self) -> FloatArray:
        """Return the information of the signal at each token about the class, shape (n, length)."""
        return self._at_slots(np.broadcast_to(self._information_of_signals(), self.slots.shape))

    def pointwise_information(self) -> FloatArray:
        """Return ln p(y | token) / p(y) at the true class y, shape (n, length); its expectation is the MI."""
        values = np.zeros(self.slots.shape)
        for row, (text, label) in enumerate(zip(self.texts, self.labels, strict=True)):
            words = text.split()
            for signal, strength in enumerate(self.strengths):
                says_true = words[self.slots[row, signal]] == _word(signal, self.class_names[label])
                values[row, signal] = log(2 * (strength if says_true else 1 - strength))
        return self._at_slots(values)

    def _information_of_signals(self) -> FloatArray:
        return np.array([log(2) - binary_entropy(strength) for strength in self.strengths])

    def _at_slots(self, values: FloatArray) -> FloatArray:
        everywhere = np.zeros((len(self), self.length))
        np.put_along_axis(everywhere, self.slots, values, axis=1)
        return everywhere


def planted(
    n_texts: int = 2000,
    *,
    length: int = 12,
    strengths: Sequence[float] = (0.95, 0.8, 0.65),
    positions: Sequence[int] | None = None,
    n_fillers: int = 50,
    rng: RNGLike = 0,
) -> PlantedText:
    """Draw synthetic text in which the information of every token about the class is known.

    The class Y is 0 or 1 with equal probability. Signal k is the word ``signal{k}{name}``, where ``name`` is the name
    of the true class with probability p_k and of the other class otherwise, independently of the other signals given Y.
    The presence of either word carries I(signal k; Y) = ln 2 - h(p_k) nats, with h the binary entropy. All other tokens
    are fillers drawn uniformly and independently of Y; they carry none, and neither do the positions of the signals.

    Texts are independent draws, and copies are not removed, which would change the distribution. The first 80 % of the
    texts are for training, the next 8 % for validation, the last 12 % for testing.

    Parameters
    ----------
    n_texts : int
        Texts in all splits together, at least 20.
    length : int
        Tokens in each text.
    strengths : sequence of float
        p_k of each signal, in [0, 1]; 0.5 carries nothing, 1 (or 0) ln 2.
    positions : sequence of int, optional
        Position of each signal, 0 to ``length - 1``, the same in all texts; by default drawn for each, all different.
    n_fillers : int
        Number of filler words.
    rng : seed or numpy Generator
        Source of randomness.

    Raises
    ------
    InvalidInputError
        If a parameter is out of range, or there are more signals than tokens.

    References
    ----------
    Cover and Thomas (2006), Elements of information theory, section 7.1.4.

    Examples
    --------
    >>> planted(100, length=4, strengths=[0.9], n_fillers=5)
    PlantedText('planted', 80 train, 8 validation, 12 test, classes zero, one)
    """
    check_count(n_texts, "n_texts", minimum=20)
    check_count(length, "length")
    check_count(n_fillers, "n_fillers")
    strengths = tuple(as_float_array(strengths, "strengths", ndim=1).tolist())
    if not strengths or len(strengths) > length:
        raise InvalidInputError(f"strengths: must hold 1 to length={length} numbers; got {len(strengths)}")
    if not all(0 <= p <= 1 for p in strengths):
        raise InvalidInputError(f"strengths: must lie in [0, 1]; got {strengths!r}")
    generator = as_generator(rng)
    labels = generator.integers(2, size=n_texts)
    slots = _slots(n_texts, length, len(strengths), positions, generator)
    says_true = generator.random((n_texts, len(strengths))) < strengths
    said = np.where(says_true, labels[:, np.newaxis], 1 - labels[:, np.newaxis])
    fillers = generator.integers(n_fillers, size=(n_texts, length))
    texts = []
    for row in range(n_texts):
        words = [f"filler{code}" for code in fillers[row]]
        for signal, slot in enumerate(slots[row]):
            words[slot] = _word(signal, PLANTED.classes[said[row, signal]])
        texts.append(" ".join(words))
    n_test, n_validation = round(TEST_SHARE * n_texts), round(VALIDATION_SHARE * n_texts)
    n_train = n_texts - n_test - n_validation
    return PlantedText(
        name=PLANTED.name,
        texts=tuple(texts),
        labels=labels,
        splits=np.repeat(["train", "validation", "test"], [n_train, n_validation, n_test]),
        class_names=PLANTED.classes,
        licence=PLANTED.licence,
        citation=PLANTED.citation,
        strengths=strengths,
        slots=slots,
        length=length,
    )


def _slots(
    n_texts: int, length: int, n_signals: int, positions: Sequence[int] | None, generator: np.random.Generator
) -> IntArray:
    if positions is None:
        return generator.random((n_texts, length)).argsort(axis=1)[:, :n_signals].astype(np.int64)
    if not isinstance(positions, Sequence | np.ndarray):
        raise InvalidInputError(f"positions: must be None or a sequence of integers; got {positions!r}")
    fixed = [check_count(position, "positions", minimum=0) for position in positions]
    if len(set(fixed)) != n_signals or len(fixed) != n_signals or max(fixed) >= length:
        raise InvalidInputError(
            f"positions: must be {n_signals} different numbers, one per signal, below length={length}; got {fixed}"
        )
    return np.tile(np.array(fixed, dtype=np.int64), (n_texts, 1))


def _word(signal: int, name: str) -> str:
    return f"signal{signal}{name}"
