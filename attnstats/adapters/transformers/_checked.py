"""What a model and a tokenizer must be, and how the model is brought to return its attention weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from attnstats.adapters._evaluation_mode import check_evaluated
from attnstats.adapters.transformers._classes import check_chooses
from attnstats.adapters.transformers._encoder_decoder import has_both
from attnstats.adapters.transformers._own_tokenizer import check_own_tokenizer
from attnstats.exceptions import InvalidInputError
from attnstats.trace._arrays import Scalar


def check_pair(model: Any, tokenizer: Any, answers: Sequence[str] | None, both: bool = False) -> None:
    """Raise unless the model is a classifier, or a language model with answers, to which the tokenizer belongs.

    A classifier with an encoder and a decoder passes if `both`.
    """
    name = type(model).__name__
    if not _is_model(model):
        raise InvalidInputError(f"model: must be a model of the transformers library; got {name}{_held_by(model)}")
    if not getattr(tokenizer, "is_fast", False):
        raise InvalidInputError(
            "tokenizer: must be a fast one, which knows where in the text a token stands; got "
            f"{type(tokenizer).__name__}; load it by AutoTokenizer"
        )
    check_evaluated(model, "model")
    if has_both(model):
        if not both:
            raise InvalidInputError(
                f"model: must be an encoder or a decoder; got {name}, which is both; trace_transformer takes it"
            )
        if model.can_generate():
            raise InvalidInputError(f"model: must be a classifier; got {name}, which generates text")
    check_own_tokenizer(model, tokenizer)
    if model.get_output_embeddings() is not None:
        if not model.can_generate():
            raise InvalidInputError(f"model: must be a classifier or a causal language model; got {name}")
        if answers is None:
            raise InvalidInputError(
                f"answers: must name the answers that {name} chooses from, such as [' no', ' yes']; got None"
            )
        return
    if answers is not None:
        raise InvalidInputError(f"answers: are those of a causal language model; got {name}")
    if not name.endswith("ForSequenceClassification") and model.base_model is model:
        raise InvalidInputError(
            f"model: must have a classifier on top; got {name}; load AutoModelForSequenceClassification"
        )
    check_chooses(model)


def _is_model(part: object) -> bool:
    return getattr(part, "config", None) is not None and hasattr(part, "base_model")


def _held_by(wrapper: Any) -> str:
    """Return which part of something is a model, as the end of a message."""
    if isinstance(wrapper, str):
        return "; load it, by AutoModelForSequenceClassification.from_pretrained"
    parts = wrapper.named_modules() if hasattr(wrapper, "named_modules") else getattr(wrapper, "__dict__", {}).items()
    path, held = next(((path, part) for path, part in parts if _is_model(part)), ("", None))
    if held is None:
        return ""
    kind = type(held).__name__
    return f", whose part {path!r} is a {kind}; pass that if it is the classifier, or hook the whole by trace_torch"


def answer_ids(tokenizer: Any, answers: Sequence[str]) -> list[int]:
    """Return the token of each answer."""
    if isinstance(answers, str) or len(answers) < 2:
        raise InvalidInputError(f"answers: must be two strings or more; got {answers!r}")
    ids = [tokenizer(answer, add_special_tokens=False)["input_ids"] for answer in answers]
    for answer, each in zip(answers, ids, strict=True):
        if len(each) != 1:
            raise InvalidInputError(
                f"answers: each must be one token; {answer!r} is {len(each)}; mind its leading blank"
            )
    if len({each[0] for each in ids}) < len(ids):
        raise InvalidInputError(f"answers: must be different tokens; got {list(answers)!r}")
    return [each[0] for each in ids]


@contextmanager
def returning_weights(model: Any) -> Iterator[str]:
    """Let the model compute attention by the code that returns its weights; give the name of what it had before.

    Fused kernels never hold the weights, and a model that uses one returns none, without a word.
    """
    former = model.config._attn_implementation
    if former == "eager":
        yield former
        return
    model.set_attn_implementation("eager")
    try:
        yield former
    finally:
        model.set_attn_implementation(former)


#: Names under which metadata say what was found in a run.
FOUND = ("model", "computed_by", "texts_cut", "decoder_from", "cross_attention")


def remarks(kernel: str, n_cut: int) -> dict[str, Scalar]:
    """Return what a reader of the results should know: another kernel took part, or texts were cut."""
    found: dict[str, Scalar] = {}
    if kernel != "eager":
        found["computed_by"] = f"eager attention in place of {kernel}"
    if n_cut:
        found["texts_cut"] = n_cut
    return found


def attending_layers(config: Any, n_hidden: int, n_attentions: int) -> list[int]:
    """Return the numbers of the layers that have attention, of a model that returned so many states and weights."""
    if n_attentions == n_hidden - 1:
        return list(range(n_attentions))
    kinds = getattr(config, "layer_types", None) or getattr(config, "layers_block_type", None) or ()
    found = [at for at, kind in enumerate(kinds) if kind.endswith("attention") and not kind.startswith("linear")]
    if len(found) != n_attentions:
        raise InvalidInputError(
            f"model: must tell which of its {n_hidden - 1} layers have attention; it returned the weights of "
            f"{n_attentions}, and its configuration names {len(found)}"
        )
    return found
