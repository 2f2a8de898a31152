"""A fast slice of the harness: some inputs for every door. The long run is ``python -m tests.fuzz``."""

import pandas as pd
import pytest

from tests.fuzz.doors import DOORS, NO_DOORS, ROOMS, public_names
from tests.fuzz.ledger import RESULTS, rendered, table_in_docs
from tests.fuzz.runner import try_door

#: Inputs a door here; all doors together take about a minute.
INPUTS = 25
FAST = [door for door in DOORS.values() if door.share >= 0.05]


@pytest.mark.slow
@pytest.mark.parametrize("door", FAST, ids=lambda door: door.name)
def test_every_input_ends_in_a_sound_result_or_a_clear_refusal(door):
    found = try_door(door, INPUTS).findings
    assert not found, "\n".join(f"{each.sort}: {each.detail}\n    {door.prelude}; {each.line}" for each in found)


def test_every_export_is_a_door_or_says_why_not():
    doors = {part for name in DOORS for part in name.split(".")}
    exported = set()
    for package in ("attnstats", *(f"attnstats.{room}" for room in ROOMS)):
        for name in public_names(package):
            assert name in doors or name in NO_DOORS, f"{package}.{name} is neither tried nor explained"
            exported.add(name)
    assert set(NO_DOORS) <= exported, "what is no export needs no reason"


def test_the_page_shows_the_counts_that_are_kept():
    assert table_in_docs() == rendered(pd.read_csv(RESULTS))
