"""What attention can reach: whether the MI order of an encoder's states is the order of token importance at all."""

from __future__ import annotations

from collections.abc import Sequence

from attnstats.studies.config.component import Component
from attnstats.studies.findings.claims._declaration import Declaration
from attnstats.studies.findings.claims._estimates import Estimate, Estimated, listed
from attnstats.studies.findings.evidence._design import Design, Groups

#: Measures of token importance that owe nothing to attention, with their names in a sentence.
IMPORTANCE = {"gradient_times_input": "gradients", "leave_one_out": "leave-one-out"}


def declare_ceilings(declared: Declaration, design: Design, groups: Groups) -> None:
    """Declare the agreement of every measure of importance with the MI order, by encoder, where it was computed.

    The MI order of an encoder's states need not be that of the importance of its tokens. Attention that ordered the
    tokens exactly as gradients do would agree with the MI order as gradients do, and no better.
    """
    for encoder in dict.fromkeys(group[0].encoder for group in groups):
        for measure in IMPORTANCE:
            column = f"tau_b_information_{measure}"
            kept = [
                group for group in groups if group[0].encoder == encoder and column in design.outcomes.columns(group[0])
            ]
            if kept:
                what = f"agreement of {IMPORTANCE[measure]} with the MI order in {encoder}"
                declared.where_possible(what, _ceiling, design, kept, encoder, measure)
    margin = design.margins.agreement
    declared.remark = lambda found: " ".join([_agreement(found), *_saying_little(found, margin)])


def _ceiling(design: Design, groups: Groups, encoder: Component, measure: str) -> Estimate:
    return Estimate(
        name=f"v.ceiling.{measure}",
        estimand=f"mean tau-b between {IMPORTANCE[measure]} and pointwise MI",
        unit="correlation",
        encoder=encoder,
        contrast=design.combination(groups, (0, f"tau_b_information_{measure}", 1.0)),
    )


def _agreement(found: Sequence[Estimated]) -> str:
    """Return how well every measure of importance agrees with the MI order, in one sentence."""
    parts: list[str] = []
    for measure, named in IMPORTANCE.items():
        own = [each for each in found if each.about.name == f"v.ceiling.{measure}"]
        if own:
            first = f"that of {named} at" if parts else f"The order of {named} agrees with the MI order at"
            parts.append(f"{first} {listed(own)}")
    return f"{'; '.join(parts)}; attention in the order of importance would agree no better."


def _saying_little(found: Sequence[Estimated], margin: float) -> list[str]:
    """Return the sentence that names the encoders of which no measure agrees with the MI order up to the margin."""
    encoders = dict.fromkeys(each.about.encoder for each in found)
    low = [encoder for encoder in encoders if _highest(found, encoder) < margin]
    if not low:
        return []
    return [
        f"In {listed(low)} no interval reaches the margin of {margin:g}: there even attention in the order of "
        "importance would not keep the MI order, so that comparing attention by it says little."
    ]


def _highest(found: Sequence[Estimated], encoder: Component) -> float:
    own = [each for each in found if each.about.encoder == encoder]
    return max(each.about.contrast.value if each.interval is None else each.interval.high for each in own)
