"""What an intervention on attention heads sees of a pass, and what it gives in its place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import Field, dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import torch

#: A head: its layer, and its number there.
Head: TypeAlias = tuple[int, int]


@dataclass(frozen=True, eq=False)
class HeadPass:
    """What some heads of one layer compute for texts of equal length.

    Parameters
    ----------
    weights : Tensor, shape (n_texts, n_heads, n_tokens, n_tokens)
        Attention of each token, the last axis but one, to each. A row sums to one, or less where a sink takes a part.
    allowed : Tensor of bool, shape (n_texts, n_heads, n_tokens, n_tokens)
        Which tokens a token may see.
    values : Tensor, shape (n_texts, n_heads, n_tokens, width)
        What the weights weigh; heads that share values have them each.
    mean : Tensor, shape (n_heads, 1, width), or None
        Mean output of each head over all tokens of all texts, if the intervention asks for it.

    Examples
    --------
    It is what `HeadIntervention.output` gets: weights that are sharper than those of the model, for example, are
    ``heads.weighed((2 * heads.weights.double().log()).softmax(dim=-1))``.
    """

    weights: torch.Tensor
    allowed: torch.Tensor
    values: torch.Tensor
    mean: torch.Tensor | None

    def weighed(self, weights: torch.Tensor) -> torch.Tensor:
        """Return the values weighed by other weights, of any precision, in that of the model, as `output` must be."""
        return weights.to(self.values.dtype) @ self.values


class HeadIntervention(ABC):
    """What is done to the output of attention heads, weights times values, while the model runs.

    Attributes
    ----------
    name : str
        Name in the ``ablation`` column of the results frame.
    holds_fixed : str
        What the intervention does not change.
    needs_mean : bool
        Whether it uses the mean output of the heads, for which the texts are run once more.

    Examples
    --------
    Heads that look at themselves alone:

    >>> from attnstats.adapters import HeadIntervention
    >>> class OwnToken(HeadIntervention):
    ...     name, holds_fixed = "own_token", "all other heads, values"
    ...     def output(self, heads, rng):
    ...         return heads.values
    >>> OwnToken().label
    'own_token'
    """

    name: ClassVar[str]
    holds_fixed: ClassVar[str]
    needs_mean: ClassVar[bool] = False

    @abstractmethod
    def output(self, heads: HeadPass, rng: np.random.Generator) -> torch.Tensor:
        """Return what the heads give instead, shape (n_texts, n_heads, n_tokens, width)."""

    @property
    def label(self) -> str:
        """The name with the parameters that are not the default, as in the ``ablation`` column of the results frame."""
        own: tuple[Field[object], ...] = fields(self) if is_dataclass(self) else ()
        given = [(each.name, getattr(self, each.name)) for each in own if getattr(self, each.name) != each.default]
        shown = ", ".join(f"{name}={value!r}" for name, value in given)
        return f"{self.name}({shown})" if shown else self.name
