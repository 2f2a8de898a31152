"""``attnstats trace``: check or analyse saved attention traces."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from attnstats._files import record_checksum, writing_into
from attnstats.cli._options import add_jobs, add_out, add_quiet, add_seed, check_writable, estimator_of
from attnstats.exceptions import InvalidInputError, TraceError


def add_trace(rooms: Any) -> None:
    trace = rooms.add_parser("trace", help="check or analyse saved attention traces")
    commands = trace.add_subparsers(required=True, metavar="check|analyse")
    check = commands.add_parser(
        "check",
        help="say what is wrong with the files of a trace",
        description="Say of saved traces, and of the arrays attention, hidden, output, mask and label in other files, "
        "whether they are sound, or all that is wrong with them and how to mend it.",
    )
    check.add_argument(
        "paths",
        metavar="DIR|FILE",
        type=Path,
        nargs="+",
        help="folders of saved traces or of .npy files, or files .npz or .safetensors",
    )
    check.set_defaults(run=_check)
    analyse = commands.add_parser(
        "analyse",
        help="information, agreement and skew of saved traces",
        description="Information, agreement and skew of saved traces, and the same with uniform and permuted attention."
        " How the output changes can be measured in Python alone, by analyse_trace with the trained model or a"
        " SoftmaxHead of its weights.",
    )
    analyse.add_argument(
        "paths",
        metavar="DIR|FILE",
        type=Path,
        nargs="+",
        help="folders of saved traces or of .npy files, or files .npz or .safetensors",
    )
    add_out(analyse, "folder of the results", required=True)
    analyse.add_argument(
        "--estimator", default="probe", metavar="NAME", help="for example  probe  ross  'ross(k=5)' (default: probe)"
    )
    add_quiet(analyse)
    add_jobs(analyse)
    add_seed(analyse)
    analyse.set_defaults(run=_analyse)


def _check(options: argparse.Namespace) -> int:
    from attnstats.trace import TransformerTrace, read_trace, trace_problems
    from attnstats.trace.transformer._stored import is_saved_transformer

    sound = True
    for path in options.paths:
        try:
            if is_saved_transformer(path):  # what it holds was checked when it was written, and has checksums
                print(f"{path}: sound, {TransformerTrace.load(path)!r}")
                continue
            problems = trace_problems(path)
            if not problems:
                print(f"{path}: sound, {read_trace(path)!r}")
        except TraceError as error:  # whose message names the path
            problems, told = (str(error),), ""
        else:
            told = f"{path}: "
        for problem in problems:
            print(f"attnstats: error: {told}{problem}", file=sys.stderr)
        sound = sound and not problems
    return 0 if sound else 2


def _analyse(options: argparse.Namespace) -> int:
    import pandas as pd
    from joblib import cpu_count
    from rich.console import Console
    from rich.progress import track

    from attnstats._parallel import in_parallel
    from attnstats.frame import write_frame

    check_writable(options.out)
    estimator = estimator_of(options.estimator, any_output=False)
    n_jobs = min(options.jobs or cpu_count(), len(options.paths))
    found = in_parallel(_analyse_stored, ((path, estimator, options.seed) for path in options.paths), n_jobs)
    console = Console(stderr=True)
    frames = list(
        track(found, "analysing", len(options.paths), console=console, disable=options.quiet or not console.is_terminal)
    )
    frame = pd.concat(frames, ignore_index=True)
    path = options.out / "frame.csv"
    replaced = " (in the place of an older one)" if path.exists() else ""
    with writing_into(options.out, "--out"):
        write_frame(frame, path)
        record_checksum(path)
    intact = frame[(frame["ablation"] == "none") & frame["quantity"].isin(["tau_b", "mi_normalised_mean", "gini"])]
    names = ("dataset", "encoder", "attention", "layer", "head", "seed")
    keys = [name for name in names if name in frame and frame[name].notna().any()]
    print(intact[[*keys, "quantity", "value", "unit", "n"]].to_string(index=False))
    print(f"Frame: {path}{replaced}")
    print(
        "Total variation and accuracy under the ablations are not measured: a saved trace holds no model to recompute "
        "the output. In Python, analyse_trace(trace, ablations=..., model=SoftmaxHead(kernel, bias)) measures them "
        "from the weights of the output layer, or with the trained model itself."
    )
    return 0


def _analyse_stored(path: Path, estimator: Any, seed: int) -> Any:
    from threadpoolctl import threadpool_limits

    from attnstats.ablation import Permuted, Uniform
    from attnstats.studies import analyse_trace
    from attnstats.trace import read_trace
    from attnstats.trace.transformer._stored import is_saved_transformer

    if is_saved_transformer(path):
        raise InvalidInputError(
            f"{path}: holds all layers and heads of a transformer; in Python analyse_heads takes it whole, and "
            "trace.head(layer=5, head=0).save(...) makes one head a trace of its own"
        )
    trace = read_trace(path)
    try:
        with threadpool_limits(1):  # workers share the cores, so each takes one thread
            return analyse_trace(trace, estimators=(estimator,), ablations=(Uniform(), Permuted()), rng=seed).frame
    except InvalidInputError as error:
        raise InvalidInputError(f"{path}: {error}") from error
