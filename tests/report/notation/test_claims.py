"""The verdict on a finding by its claims is the one that a study gives."""

from itertools import product

import pytest

from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.report.notation._claims import overall_verdict, primary_claims
from attnstats.studies.findings.claims._decisions import finding_verdict

VERDICTS = ("supported", "contradicted", "negligible", "inconclusive")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_finding_is_judged_as_in_a_study(number):
    for verdicts in product(VERDICTS, repeat=number):
        assert overall_verdict(verdicts) == finding_verdict(list(verdicts)), verdicts


def test_a_claim_of_no_finding_stands_beside_those_of_one():
    about = encode_parameters(hypothesis="i.deep", claim="deep keeps more")
    rows = [Row(quantity="contrast", finding="i", parameters=about), Row(quantity="contrast", parameters=about)]
    assert primary_claims(to_frame(rows))["finding"].isna().tolist() == [False, True]
