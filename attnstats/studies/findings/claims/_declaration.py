"""What a finding declares before it looks: its hypotheses, what is shown beside them, and what the study lacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from attnstats.exceptions import TooFewSamplesError
from attnstats.frame import Row
from attnstats.studies.config.parts import Inference
from attnstats.studies.findings.claims._estimates import Estimate, Estimated
from attnstats.studies.findings.claims._hypotheses import Hypothesis, NonInferiorityHypothesis
from attnstats.studies.findings.claims._specifications import Specification
from attnstats.studies.findings.evidence._design import Design, Groups, NotEvaluableError

#: Returns rows that describe without deciding, such as the rank of every condition.
Supplement: TypeAlias = Callable[[Inference, np.random.Generator], list[Row]]
#: Says in plain words what estimates come to.
Remark: TypeAlias = Callable[[Sequence[Estimated]], str]


@dataclass(eq=False)
class Declaration:
    """What a finding tests, the claims asked in other ways, what only describes, and what is missing and why.

    What the estimates come to is said by `remark`, in the note of the finding.
    """

    hypotheses: list[Hypothesis] = field(default_factory=list)
    specifications: list[Specification] = field(default_factory=list)
    supplements: list[Supplement] = field(default_factory=list)
    estimates: list[Estimate] = field(default_factory=list)
    remark: Remark | None = None
    missing: list[str] = field(default_factory=list)

    def where_possible(self, what: str, declare: Callable[..., Hypothesis | Estimate], *arguments: object) -> None:
        """Add what `declare` returns, or note why the study does not allow it to be tested or estimated."""
        try:
            found = declare(*arguments)
        except (NotEvaluableError, TooFewSamplesError) as reason:
            self.missing.append(f"{what}: {reason}")
            return
        if isinstance(found, Estimate):
            self.estimates.append(found)
        else:
            self.hypotheses.append(found)


def accuracy_guard(design: Design, groups: Groups, name: str, claim: str, family: str) -> NonInferiorityHypothesis:
    """Return the guard that the first condition of each group is no less accurate than the second."""
    return NonInferiorityHypothesis(
        name=f"{name}.accuracy",
        claim=claim,
        estimand="difference in test accuracy",
        unit="proportion",
        family=family,
        role="guard",
        contrast=design.difference(groups, "correct"),
        margin=design.margins.accuracy,
    )
