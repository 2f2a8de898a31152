"""The five findings: declared, tested once, decided by rules fixed beforehand, and put into words."""

from attnstats.studies.findings.evaluation import FINDINGS, Finding, check_inference, evaluate_findings
from attnstats.studies.findings.evidence.outcomes import Outcomes
from attnstats.studies.findings.prose import paragraph

__all__ = ["FINDINGS", "Finding", "Outcomes", "check_inference", "evaluate_findings", "paragraph"]
