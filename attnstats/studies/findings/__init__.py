"""The five findings: declared, tested once, and decided by rules fixed beforehand."""

from attnstats.studies.findings.evaluation import FINDINGS, Finding, check_inference, evaluate_findings
from attnstats.studies.findings.evidence._outcomes import Outcomes

__all__ = ["FINDINGS", "Finding", "Outcomes", "check_inference", "evaluate_findings"]
