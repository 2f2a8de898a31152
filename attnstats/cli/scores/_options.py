"""What the commands on long tables of scores have in common: the columns, how the table is read, the comparison."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from attnstats.cli._options import add_reading, listed, separator
from attnstats.cli.scores._sources import add_source, source_table
from attnstats.exceptions import AttnstatsError

if TYPE_CHECKING:
    from attnstats.scores import Comparison

#: The options that name columns, with what stands in them.
_FACTORS = {
    "seed": "training runs, or other repetitions",
    "example": "test examples",
    "dataset": "data sets or tasks",
    "fold": "folds of a cross-validation",
    "subject": "persons, or other units that are measured",
    "block": "blocks of an experiment",
    "group": "clusters of examples, such as the text that several questions are about",
}
_CORRECTIONS = ("holm", "hochberg", "hommel", "bonferroni", "benjaminihochberg", "benjaminiyekutieli")
#: Parameters of `compare` whose option has another name.
_OPTIONS = {
    "missing=CompleteCases() leaves": "--dropna leaves",
    "decimal=',' reads": "--decimal , reads",
    "paired=False": "--independent",
    "lower_is_better=True": "--lower-is-better",
    "test_share if": "--test-share if",
    "confidence_level": "level",
}


def add_scores(command: argparse.ArgumentParser) -> None:
    """Add the table, its columns, and what is compared how."""
    add_source(command)
    columns = command.add_argument_group("columns")
    columns.add_argument("--value", metavar="COL", help="the scores")
    columns.add_argument("--condition", metavar="COL", help="what is compared, such as the model")
    for role, meaning in _FACTORS.items():
        columns.add_argument(f"--{role}", metavar="COL", help=meaning)
    how = command.add_argument_group("how it is compared")
    how.add_argument("--reference", metavar="NAME", help="compare the others with this one (default: all pairs)")
    how.add_argument(
        "--margin", type=number, metavar="X", help="smallest difference that would matter, in the unit of the scores"
    )
    how.add_argument("--lower-is-better", action="store_true", help="a low score is a good one, as of a loss")
    how.add_argument(
        "--correction", choices=_CORRECTIONS, default="holm", metavar="NAME",
        help=f"adjustment of p-values: {', '.join(_CORRECTIONS)} (default: holm)",
    )  # fmt: skip
    how.add_argument("--level", type=number, default=0.95, metavar="X", help="confidence level (default: 0.95)")
    pairing = how.add_mutually_exclusive_group()
    pairing.add_argument(
        "--paired", action="store_const", const=True, help="units of equal labels are the same in all conditions"
    )
    pairing.add_argument(
        "--independent", dest="paired", action="store_const", const=False, help="equal labels of units mean nothing"
    )
    how.add_argument(
        "--test-share", type=number, metavar="X",
        help="share of the rows that a fold tests on (default: one over the number of folds)",
    )  # fmt: skip
    how.add_argument("--random-seed", type=int, default=0, metavar="N", help="seed of the random numbers (default: 0)")
    add_reading(command)


def compared(options: argparse.Namespace) -> Comparison:
    """Return the comparison that the options ask for, with errors in their terms."""
    import attnstats.comparison
    from attnstats.missing import CompleteCases
    from attnstats.scores import compare

    known = {name.lower(): getattr(attnstats.comparison, name) for name in attnstats.comparison.__all__}
    scores, columns, only = source_table(options, ("value", "condition", *_FACTORS))
    try:
        return compare(
            scores,
            **columns,  # type: ignore[arg-type]  # each is the name of a column
            only=only,
            reference=options.reference,
            margin=options.margin,
            lower_is_better=options.lower_is_better,
            correction=known[options.correction](),
            confidence_level=options.level,
            paired=options.paired,
            test_share=options.test_share,
            missing=CompleteCases() if options.dropna else None,
            na=listed(options.na or "", "--na"),
            sep=separator(options),
            decimal=options.decimal,
            encoding=options.encoding,
            rng=options.random_seed,
        )
    except AttnstatsError as error:
        raise type(error)(in_terms(str(error))) from error


def in_terms(said: str) -> str:
    """Return a message about parameters of `compare` in terms of the options."""
    for parameter, option in _OPTIONS.items():
        said = said.replace(parameter, option)
    said = re.sub(r"\bgroup='([^']*)'", r"--group \1", said)
    others = ("only", "reference", "margin", "level", "test_share", "sep", "na", "difference", "power", "assurance")
    names = "|".join(["value", "condition", *_FACTORS, *others])
    return re.sub(rf"^({names}):", lambda found: f"--{found[1].replace('_', '-')}:", said)


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number; got {text!r}") from None
