"""The five findings: declared, tested once, and decided by rules fixed beforehand."""

from __future__ import annotations

from attnstats.studies.findings.evaluation import FINDINGS, Finding, check_inference, evaluate_findings
from attnstats.studies.findings.evidence.outcomes import Outcomes

__all__ = ["FINDINGS", "Finding", "Outcomes", "check_inference", "evaluate_findings"]
