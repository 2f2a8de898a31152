"""The specification curve: the same claim under every other view, estimator, output, measure and setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from attnstats.exceptions import ConstantInputError
from attnstats.frame import Row, encode_parameters, interval_columns
from attnstats.studies.config.parts import Inference
from attnstats.studies.findings.claims._decisions import Decision
from attnstats.studies.findings.evidence._contrasts import Contrast
from attnstats.studies.findings.evidence.outcomes import SummaryKey

#: Unit of each measure.
_UNITS = {
    **dict.fromkeys(("mi_normalised_mean", "mi_pointwise_mean"), "share of H"),
    **dict.fromkeys(("tau_b", "spearman", "weighted_tau", "profile_tau_b"), "correlation"),
    **dict.fromkeys(("top_k_overlap", "entropy_deficit", "max_attention"), "proportion"),
    **dict.fromkeys(("near_tie", "near_tie_halves"), "proportion"),
    "gini": "coefficient",
    "effective_positions": "tokens",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Specification:
    """One way to ask what a hypothesis asks."""

    hypothesis: str
    measure: SummaryKey
    contrast: Contrast
    settings: Mapping[str, object] = field(default_factory=dict)  # such as temperature, noise, architectures
    by_construction: bool = False  # whether the sign is an identity; such a row is shown and not counted


def specification_rows(
    specifications: Sequence[Specification],
    decisions: Sequence[Decision],
    inference: Inference,
    rng: np.random.Generator,
) -> list[Row]:
    """Return a row for each specification: its effect and interval, and whether it agrees with its hypothesis.

    It does if both effects lie within what is claimed, or both on the same side outside: for a claim of superiority, if
    they have the same sign; for one of equivalence, if both or neither are within the margin.
    """
    decided = {each.hypothesis.name: each for each in decisions}
    rows = []
    for each, stream in zip(specifications, rng.spawn(len(specifications)), strict=True):
        if each.hypothesis not in decided:
            continue
        value, decision = each.contrast.value, decided[each.hypothesis]
        claimed, effect = decision.hypothesis.claimed, decision.result.effect
        try:
            interval = each.contrast.interval(inference, stream)
        except ConstantInputError:  # the same in every model, so that it has no sampling error to show
            interval = None
        quantity, n_seeds = each.measure.quantity, len(each.contrast.seeds)
        agrees = _side(value, claimed) == _side(effect, claimed)
        about = {"hypothesis": each.hypothesis, "measure": quantity, "by_construction": each.by_construction}
        rows.append(
            Row(
                quantity="specification",
                view=each.measure.view,
                estimator=each.measure.estimator,
                output=each.measure.output,
                parameters=encode_parameters(**about, agrees=agrees, **each.settings),
                value=value,
                unit=_UNITS[quantity],
                n=n_seeds,
                replication_unit="seed",
                n_seeds=n_seeds,
                **interval_columns(interval),
            )
        )
    return rows


def _side(value: float, claimed: tuple[float, float]) -> int:
    """Return 0 for a value within what is claimed, else the side on which it lies."""
    low, high = claimed
    return int(value >= high) - int(value <= low)
