"""Whether the MI order of an encoder's states is the order of token importance at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attnstats.studies.config.component import Component
from attnstats.studies.findings.claims._declaration import Declaration
from attnstats.studies.findings.claims._estimates import Estimate, Estimated, listed
from attnstats.studies.findings.evidence._design import Design, Groups

#: Measures of token importance that owe nothing to attention, and have no sign, as it has none.
IMPORTANCE = {"gradient_times_input": "gradients", "leave_one_out": "leave-one-out"}
#: The same with a sign, as pointwise MI has one: what a token adds to the probability of the predicted class.
CONTRIBUTION = {f"{measure}(signed=True)": f"signed {named}" for measure, named in IMPORTANCE.items()}


def declare_importance(declared: Declaration, design: Design, groups: Groups) -> None:
    """Declare the agreement of each measure of importance with the MI order, by encoder, where it was computed.

    Attention that ordered the tokens exactly as gradients do would agree with the MI order as gradients do. Beside it
    stands the agreement of the attention that the same models have.
    """
    for encoder in dict.fromkeys(group[0].encoder for group in groups):
        own = [group for group in groups if group[0].encoder == encoder]
        computed = []
        for measure, named in (IMPORTANCE | CONTRIBUTION).items():
            column = f"tau_b_information_{measure}"
            having = [group for group in own if column in design.outcomes.columns(group[0])]
            computed += having
            if having:
                what = f"agreement of {named} with the MI order in {encoder}"
                declared.where_possible(what, _agreement, design, having, encoder, named, column)
        if computed:
            having = [group for group in own if group in computed]
            what = f"agreement of attention with the MI order in {encoder}"
            declared.where_possible(what, _agreement, design, having, encoder, "attention", "tau_b")
    margin = design.margins.agreement
    declared.remark = lambda found: " ".join([*_said(found), *_saying_little(found, margin)])


def _agreement(design: Design, groups: Groups, encoder: Component, named: str, column: str) -> Estimate:
    return Estimate(
        name=f"v.importance.{named}",
        estimand=f"mean tau-b between {named} and pointwise MI",
        unit="correlation",
        encoder=encoder,
        contrast=design.combination(groups, (0, column, 1.0)),
    )


def _of(found: Sequence[Estimated], named: str) -> list[Estimated]:
    return [each for each in found if each.about.name == f"v.importance.{named}"]


def _said(found: Sequence[Estimated]) -> Iterator[str]:
    """Yield how well the MI order agrees with that of each measure of importance, and of attention."""
    sizes, signed = (
        [f"with that of {named} at {listed(own)}" for named in measures.values() if (own := _of(found, named))]
        for measures in (IMPORTANCE, CONTRIBUTION)
    )
    itself = _of(found, "attention")
    if sizes and itself:
        yield (
            f"The MI order agrees {'; '.join(sizes)}. Attention that followed importance would agree as much; "
            f"attention itself does at {listed(itself)}."
        )
    if signed:
        yield f"Pointwise MI has a sign, which attention has not: the MI order agrees {'; '.join(signed)}."


def _saying_little(found: Sequence[Estimated], margin: float) -> Iterator[str]:
    """Yield the encoders in which the MI order agrees with that of no measure of importance, up to the margin."""
    highest: dict[Component, float] = {}
    for each in [each for named in IMPORTANCE.values() for each in _of(found, named)]:
        high = each.about.contrast.value if each.interval is None else each.interval.high
        highest[each.about.encoder] = max(high, highest.get(each.about.encoder, high))
    low = [encoder for encoder, high in highest.items() if high < margin]
    if low:
        yield (
            f"In {listed(low)} no interval of a measure of importance reaches the margin of {margin:g}: attention that "
            "followed importance would not keep the MI order there, so that comparing attention by it says little."
        )
