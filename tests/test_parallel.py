"""Mapping in parallel: the same numbers for any number of workers, and how far it is."""

import pytest

from attnstats._parallel import parallel_map, reporting
from attnstats.exceptions import InvalidInputError


def drawn(task, generator):
    return task + generator.random()


def nested(task, generator):
    return sum(parallel_map(drawn, [task] * 3, rng=generator))


def test_numbers_do_not_depend_on_workers_or_on_being_watched():
    plain = parallel_map(drawn, range(5), rng=1)
    assert parallel_map(drawn, range(5), rng=1, n_jobs=2) == plain
    with reporting(print):
        assert parallel_map(drawn, range(5), rng=1) == plain


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_every_task_is_reported_once_and_none_of_those_inside_it(n_jobs):
    seen = []
    with reporting(lambda done, total: seen.append((done, total))):
        parallel_map(nested, range(3), rng=0, n_jobs=n_jobs)
    assert seen == [(1, 3), (2, 3), (3, 3)]
    parallel_map(nested, range(3), rng=0)
    assert len(seen) == 3


@pytest.mark.parametrize("n_jobs", [0, 1.5, "2", True])
def test_a_number_of_workers_that_is_none(n_jobs):
    with pytest.raises(InvalidInputError, match=r"n_jobs: must be None, a number of workers, or -1 for all cores; got"):
        parallel_map(drawn, range(3), rng=0, n_jobs=n_jobs)
