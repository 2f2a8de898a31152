"""The verdict on a finding by its claims is the one that a study gives."""

from itertools import product

import pytest

from attnstats.report.notation._claims import overall_verdict
from attnstats.studies.findings.claims._decisions import finding_verdict

VERDICTS = ("supported", "contradicted", "negligible", "inconclusive")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_finding_is_judged_as_in_a_study(number):
    for verdicts in product(VERDICTS, repeat=number):
        assert overall_verdict(verdicts) == finding_verdict(list(verdicts)), verdicts
