"""A sample of examples token by token: what attention, information, attributions and people say of each token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from attnstats._validation import FloatArray, RealArray
from attnstats.datasets import HumanMarks
from attnstats.exceptions import InvalidInputError
from attnstats.frame import Row, encode_parameters
from attnstats.trace import AttentionTrace


def check_sample(trace: AttentionTrace, sample: Sequence[int]) -> None:
    """Raise if an example that is asked for is not there."""
    for example in sample:
        if not 0 <= example < trace.n_examples:
            raise InvalidInputError(f"sample: must be below {trace.n_examples} examples; got {example}")


def sample_rows(
    trace: AttentionTrace,
    values: FloatArray,
    taus: FloatArray,
    sample: Sequence[int],
    class_names: Sequence[str] | None,
) -> list[Row]:
    """Return the tokens of some examples with their attention and pointwise MI, in order, and each example's tau-b."""
    rows = []
    for example in sample:
        if not np.isnan(taus[example]):
            rows.append(Row(quantity="tau_b", view="pointwise", example=int(example), value=float(taus[example])))
        for place, about in _tokens(trace, example, class_names):
            weight, information = float(trace.attention[example, place]), float(values[example, place])
            at = encode_parameters(**about)
            rows += [
                Row(quantity="token_attention", value=weight, example=int(example), unit="proportion", parameters=at),
                Row(
                    quantity="token_pointwise_mi", value=information,
                    example=int(example), unit="nats", view="pointwise", parameters=at,
                ),
            ]  # fmt: skip
    return rows


def other_sample_rows(
    trace: AttentionTrace,
    attributions: Mapping[str, RealArray],
    marks: HumanMarks | None,
    sample: Sequence[int],
    class_names: Sequence[str] | None,
) -> list[Row]:
    """Return the tokens of some examples with each attribution, and with the share of the people who marked them."""
    rows = []
    for example in sample:
        for place, about in _tokens(trace, example, class_names):
            for name, scores in attributions.items():
                at = encode_parameters(**about, attribution=name)
                score = float(np.asarray(scores)[example, place])
                rows.append(Row(quantity="token_attribution", value=score, example=int(example), parameters=at))
            if marks is not None:
                share = float(marks.marks[example][:, int(about["position"]) - 1].mean())
                at = encode_parameters(**about)
                rows.append(
                    Row(quantity="token_marked", value=share, example=int(example), unit="proportion", parameters=at)
                )
    return rows


def _tokens(
    trace: AttentionTrace, example: int, class_names: Sequence[str] | None
) -> Iterator[tuple[int, dict[str, str | int]]]:
    """Yield the place of each token of an example, and what tells the token: its position, word and classes."""
    names = _names_of_classes(trace, class_names)
    about: dict[str, str | int] = {"predicted": names[int(trace.predicted[example])]}
    if trace.label is not None:
        about["label"] = names[int(trace.label[example])]
    places = np.flatnonzero(trace.mask[example])
    for number, (place, token) in enumerate(zip(places, trace.tokens(example), strict=True), start=1):
        yield int(place), {"position": number, "token": token, **about}


def _names_of_classes(trace: AttentionTrace, class_names: Sequence[str] | None) -> dict[int, str]:
    """Return the name of every class that is predicted or true: its number where no names are given."""
    found = np.unique(trace.predicted if trace.label is None else [trace.predicted, trace.label]).tolist()
    if class_names is None:
        return {code: str(code) for code in found}
    if found[0] < 0 or found[-1] >= len(class_names):
        raise InvalidInputError(
            f"class_names: must name the classes {found[0]} to {found[-1]}; got {len(class_names)} names"
        )
    return dict(enumerate(class_names))
