"""``attnstats data``, and the commands themselves."""

import pytest


def test_list_names_all_and_get_says_what_is_in_it(run):
    printed = run("data", "list")
    assert all(name in printed for name in ("rotten_tomatoes", "imdb", "newsgroups_sports", "reuters_r8", "planted"))
    assert "citation:" in run("data", "get", "planted")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("data", "get", "imbd"), "dataset: must be one of rotten_tomatoes, imdb"),
        (("data", "get", "local_file"), "local_file: parameter 'path' must be given"),
        (("data", "list", "x"), "unrecognized arguments: x"),
        (("data",), "the following arguments are required: list|get (see attnstats data --help)"),
        ((), "the following arguments are required: COMMAND (see attnstats --help)"),
        (("bogus",), "COMMAND: invalid choice: 'bogus'"),
        (("study", "run", "x.toml"), "the following arguments are required: --out"),
        (("mi", "x.csv", "--x"), "--x: expected one argument"),
    ],
)
def test_a_command_that_is_not_complete_is_one_line(fails, arguments, message):
    assert message in fails(*arguments)
