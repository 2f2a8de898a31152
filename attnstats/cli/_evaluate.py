"""``attnstats evaluate``: the declared hypotheses, decided on models that no study of ours trained."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from attnstats._files import record_checksum, writing_into
from attnstats.cli._formats import TEXT, add_format, print_table
from attnstats.cli._options import add_jobs, add_out, add_quiet, add_seed, check_writable, listed, tell, whole_number
from attnstats.exceptions import AttnstatsError, ConfigError

EXIT_FAILED_MODEL, EXIT_NOTHING_DECIDED = 1, 3


def add_evaluate(rooms: Any) -> None:
    command = rooms.add_parser(
        "evaluate",
        help="verdicts on the five findings for models of your own",
        description="Decides the declared hypotheses on traces of trained models, or on frames of what was measured on"
        " them, and says of what it cannot decide what is missing. What a model is (data set, encoder, attention,"
        " normalizer, seed) stands in its metadata, or in the options; models without a seed count in their order.",
        epilog="Exit status: 0 if a finding was decided and every model analysed; 1 if a finding was decided, but some"
        " model could not be analysed; 2 for bad input; 3 if no finding could be decided.",
    )
    command.add_argument(
        "models",
        metavar="[NAME=]PATH",
        nargs="+",
        help="saved traces, files .npz or .safetensors, frames (CSV, Parquet, or the folder of trace analyse); NAME is"
        " that of the attention",
    )
    command.add_argument(
        "--role", action="append", default=[], metavar="OWN=ROLE",
        help="what a name of your own stands for: additive, deep, scaled_dot_product, softmax,"
        " 'gumbel_softmax(temperature=0.5)', bilstm",
    )  # fmt: skip
    command.add_argument(
        "--shared", action="append", default=[], metavar="PART=NAME",
        help="what all models share whose metadata lack it, as  encoder=mine  or  normalizer=softmax",
    )  # fmt: skip
    command.add_argument("--findings", metavar="NAME[,NAME]", help="for example  i,ii  (default: all five)")
    command.add_argument(
        "--minimum-seeds", type=whole_number(2), default=8, metavar="N",
        help="fewest seeds with which a finding is decided (default: 8)",
    )  # fmt: skip
    add_format(command)
    add_quiet(command)
    add_out(command, "write the frame, tables, figures and the page into this folder")
    add_jobs(command)
    add_seed(command)
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from attnstats.frame import write_frame
    from attnstats.report import verdict_table, write_report
    from attnstats.studies import Inference, evaluate

    if options.out is not None:
        check_writable(options.out)
    try:
        inference = Inference(minimum_seeds=options.minimum_seeds)
        if options.findings is not None:
            inference = replace(inference, findings=tuple(listed(options.findings, "--findings")))
        found = evaluate(
            _models(options.models),
            roles=_named(options.role, "--role"),
            shared=_named(options.shared, "--shared"),
            inference=inference,
            n_jobs=options.jobs or -1,
            rng=options.seed,
        )
    except AttnstatsError as error:
        raise ConfigError(_in_terms(str(error))) from error
    frame = found.to_frame()
    if options.out is not None:
        with writing_into(options.out, "--out"):
            page = write_report(frame, options.out)
            write_frame(frame, options.out / "frame.csv")
            record_checksum(options.out / "frame.csv")
        tell(options, f"wrote {options.out}: {page.name}, frame.csv, tables and figures")
    if options.format == TEXT:
        print(_in_terms(found.summary()))
    else:
        print_table(verdict_table(frame), options.format)
    if not found.n_decided:
        return EXIT_NOTHING_DECIDED
    return EXIT_FAILED_MODEL if found.n_failed else 0


def _models(given: Sequence[str]) -> list[str] | dict[str, list[str]]:
    """Return the paths, by the names that stand before them."""
    parts = [("", each) if Path(each).exists() or "=" not in each else each.split("=", 1) for each in given]
    if not any(name for name, _ in parts):
        return [path for _, path in parts]
    groups: dict[str, list[str]] = {}
    for name, path in parts:
        if not name:
            raise ConfigError(f"models: must all have a name, as {parts[0][0]}=PATH, or none; got {path}")
        groups.setdefault(name, []).append(path)
    return groups


def _named(pairs: Sequence[str], flag: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        if not name or not value or name in found:
            raise ConfigError(f"{flag}: must be a name, = and a name, each name once; got {pair!r}")
        found[name] = value
    return found


def _in_terms(said: str) -> str:
    """Return a message about parameters of `evaluate` in terms of the options."""
    said = re.sub(r"in the metadata of a trace, as by trace\.with_metadata\([^)]*\), or", "in its metadata, or", said)
    said = re.sub(r"by shared=\{'(\w+)': \.\.\.\}", r"by --shared \1=NAME", said)
    said = said.replace("--shared attention=NAME", "--shared attention=NAME, or for each before its path, NAME=PATH")
    said = re.sub(r"by\s+roles=\{'(.*?)':\s+'(\w+)'\}", r"by --role \1=\2", said)
    said = re.sub(r"\binference\.(\w+)", lambda found: f"--{found[1].replace('_', '-')}", said)
    return re.sub(r"^(role|shared)s?\b", r"--\1", said)
