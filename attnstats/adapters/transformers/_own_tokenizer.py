"""Whether a tokenizer is the model's own, by what both say of themselves."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from attnstats.exceptions import InvalidInputError, UnreliableEstimateWarning

#: Tokens whose ids encoders fix when they are trained. Those that begin and end a text differ between a base model and
#: one that follows instructions, and decoders get their padding token from whoever uses them.
_FIXED = ("cls", "sep", "mask", "pad")
#: Share of the embedded tokens that a tokenizer may lack, since tables are filled up to a round number.
_FILLED = 0.01
#: Share of unknown tokens from which texts are hardly read.
_UNKNOWN = 0.5
_REMEDY = "load it by AutoTokenizer.from_pretrained from where the model came from"


def check_own_tokenizer(model: Any, tokenizer: Any) -> None:
    """Raise if the tokenizer must be that of another model; warn if it may well be.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        Which may embed more tokens than the tokenizer has.
    tokenizer : transformers.PreTrainedTokenizerFast
        Which may have added tokens that the model does not embed, as long as no text holds one.
    """
    name, n_embedded = type(model).__name__, number_embedded(model)
    if tokenizer.vocab_size > n_embedded:
        raise InvalidInputError(
            f"tokenizer: must be the model's own; it has {tokenizer.vocab_size} tokens, and {name} embeds "
            f"{n_embedded}; {_REMEDY}"
        )
    configured = _configured(model.config.get_text_config()) if tokenizer.cls_token_id is not None else {}
    for kind, known in configured.items():
        own = getattr(tokenizer, f"{kind}_token_id", None)
        if own is not None and own != known and 0 <= known < n_embedded:
            raise InvalidInputError(
                f"tokenizer: must be the model's own; its {kind} token {getattr(tokenizer, f'{kind}_token')!r} has "
                f"number {own}, and the configuration of {name} says {kind}_token_id={known}; {_REMEDY}, or set "
                f"model.config.{kind}_token_id if the tokenizer is right"
            )
    names = getattr(model, "name_or_path", None), getattr(tokenizer, "name_or_path", None)
    if all(names) and names[0] != names[1] and n_embedded - len(tokenizer) > _FILLED * n_embedded:
        warnings.warn(
            f"tokenizer: may be another model's; it is {names[1]!r} with {len(tokenizer)} tokens, and the model is "
            f"{names[0]!r}, which embeds {n_embedded}; if so, {_REMEDY}",
            UnreliableEstimateWarning,
            stacklevel=5,
        )


def _configured(config: Any) -> dict[str, int]:
    """Return the numbers of special tokens by which somebody has meant something."""
    default = None if getattr(config, "has_no_defaults_at_init", False) else type(config)()
    # A number that stays as its class has it was set by nobody, if the vocabulary is another than the usual one.
    usual = default is None or getattr(config, "vocab_size", None) == getattr(default, "vocab_size", None)
    found = {kind: getattr(config, f"{kind}_token_id", None) for kind in _FIXED}
    return {
        kind: number
        for kind, number in found.items()
        if isinstance(number, int) and (usual or number != getattr(default, f"{kind}_token_id", None))
    }


def number_embedded(model: Any) -> int:
    """Return the number of tokens that a model embeds."""
    try:
        weight = model.get_input_embeddings().weight
    except (AttributeError, NotImplementedError) as error:
        raise InvalidInputError(
            f"model: must embed its tokens by one table; {type(model).__name__} does not say which that is"
        ) from error
    return int(weight.shape[0])


def check_tokens(model: Any, tokenizer: Any, ids: Sequence[Sequence[int]]) -> None:
    """Raise if a text holds a token that the model does not embed, or none its class token; warn of unknown words."""
    n_embedded = number_embedded(model)
    for text, each in enumerate(ids):
        if (largest := int(np.max(each))) >= n_embedded:
            raise InvalidInputError(
                f"tokenizer: must be the model's own; its token {tokenizer.convert_ids_to_tokens(largest)!r} in text "
                f"{text} has number {largest}, and {type(model).__name__} embeds {n_embedded}; of a token that was "
                "added, call model.resize_token_embeddings(len(tokenizer)) and train the model on it"
            )
    if (unknown := getattr(tokenizer, "unk_token_id", None)) is not None:
        share = sum(each.count(unknown) for each in ids) / sum(map(len, ids))
        if share > _UNKNOWN:
            warnings.warn(
                f"texts: {100 * share:.0f} % of their tokens are {tokenizer.unk_token!r}, of which the model knows "
                "nothing; see whether the texts are of the language and the case that the tokenizer was made for",
                UnreliableEstimateWarning,
                stacklevel=4,
            )
    class_id = tokenizer.cls_token_id
    if class_id is not None and not any(class_id in each for each in ids):
        raise InvalidInputError(
            f"tokenizer: must put its class token {tokenizer.cls_token!r} into each text; it declares one and adds "
            f"none; {_REMEDY}, or give tokenizer.backend_tokenizer a post_processor that adds it"
        )
