"""A synthetic results frame with the rows that a study writes."""

from collections.abc import Callable
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attnstats.frame import Row, encode_parameters, to_frame
from attnstats.report import write_report

CELLS = [
    ("additive", "softmax"),
    ("additive", "gumbel_softmax(temperature=0.5)"),
    ("scaled_dot_product", "softmax"),
    ("deep", "softmax"),
]
GAPS = [0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2]
WORDS = [
    text.split()
    for text in (
        """a <b>smart</b> & "sweet" film , it's as good as it gets .""",
        "the plot is a mess and nobody seems to care | least of all the_director",
    )
]


def synthetic_frame(
    *,
    n_seeds: int = 8,
    datasets: tuple[str, ...] = ("rotten_tomatoes",),
    encoders: tuple[str, ...] = ("mlp", "bilstm"),
    failures: int = 0,
) -> pd.DataFrame:
    """Return a frame that looks like a finished study."""
    generator = np.random.default_rng(0)
    rows: list[Row] = []
    for dataset in datasets:
        for encoder in encoders:
            for attention, normalizer in CELLS:
                for seed in range(n_seeds):
                    keys = {
                        "study": "quick",
                        "dataset": dataset,
                        "encoder": encoder,
                        "attention": attention,
                        "normalizer": normalizer,
                        "seed": seed,
                    }
                    rows += _cell(generator, keys)
        rows += _data(dataset)
    rows += _along(generator, n_seeds, datasets[0], encoders)
    rows += _examples(generator, datasets[0])
    rows += _findings(n_seeds)
    rows += _run(failures)
    return to_frame(rows)


def _cell(generator: np.random.Generator, keys: dict) -> list[Row]:
    def noisy(mean: float, sd: float) -> float:
        return float(mean + sd * generator.normal())

    flat = keys["encoder"] == "bilstm"
    shift = {"additive": 0.05, "scaled_dot_product": -0.08, "deep": 0.03}[keys["attention"]]
    sharp = "gumbel" in keys["normalizer"]
    tau = noisy(0.25 + shift - 0.05 * flat - 0.06 * sharp, 0.03)
    intact = {**keys, "ablation": "none"}
    probe = {"view": "rank", "estimator": "Probe(folds=5)"}
    rows = [
        Row(**intact, quantity="accuracy", value=noisy(0.755, 0.006), unit="proportion", n=1066),
        Row(**intact, quantity="output_entropy", value=noisy(0.69, 0.002), unit="nats", n=1066),
        Row(**intact, quantity="conicity", value=noisy(0.82 if flat else 0.31, 0.02), n=1066),
        Row(**intact, quantity="mi_context", value=noisy(0.88, 0.01), estimator="Probe(folds=5)", n=1066),
        Row(**intact, quantity="mi_attention", value=noisy(0.04, 0.01), estimator="Probe(folds=5)", n=1066),
        Row(**intact, quantity="tau_b", view="pointwise", value=tau, ties=0.01, undefined=3, n=1063),
        Row(**intact, quantity="spearman", view="pointwise", value=1.3 * tau, ties=0.01, undefined=3, n=1063),
        Row(**intact, quantity="mi_reliability", value=noisy(0.7, 0.03), n=1063),
        Row(**intact, quantity="gini", value=noisy(0.82 if sharp else 0.55, 0.02), n=1066),
        Row(**intact, quantity="entropy_deficit", value=noisy(0.5, 0.02), n=1066),
        Row(**intact, quantity="effective_positions", value=noisy(6.0, 0.4), n=1066),
        Row(**intact, quantity="concordance_slope", value=noisy(0.05, 0.01), n=1066),
    ]
    profile = [noisy(0.85 + shift, 0.02) if flat else noisy((0.55 + shift) * 0.65**r, 0.02) for r in range(6)]
    for rank, value in enumerate(profile, start=1):
        parameters = encode_parameters(rank=rank)
        rows += [
            Row(
                **intact,
                **probe,
                quantity="mi_normalised",
                value=value,
                n=1066,
                parameters=parameters,
                null_floor=-0.01,
            ),
            Row(**intact, **probe, quantity="mi", value=0.69 * value, unit="nats", n=1066, parameters=parameters),
        ]
    mean = float(np.mean(profile))
    rows.append(
        Row(**intact, **probe, quantity="mi_normalised_mean", value=mean, parameters=encode_parameters(ranks=6))
    )
    for i, (low, high) in enumerate(pairwise(GAPS)):
        gaps = encode_parameters(gap_low=low, gap_high=high)
        rows += [
            Row(**intact, quantity="concordance", value=noisy(0.5 + 0.03 * i, 0.008), n=4000, parameters=gaps),
            Row(
                **intact, quantity="concordance_reference", value=noisy(0.52 + 0.06 * i, 0.006), n=4000, parameters=gaps
            ),
        ]
    for name, left in (("uniform", None), ("permuted", 0.0), ("random_scorer", 0.02)):
        tampered = {**keys, "ablation": name}
        rows += [
            Row(**tampered, quantity="accuracy", value=noisy(0.74, 0.01), unit="proportion", n=1066),
            Row(**tampered, quantity="total_variation", value=noisy(0.06, 0.005), unit="proportion", n=1066),
        ]
        if left is not None:
            rows.append(Row(**tampered, quantity="tau_b", view="pointwise", value=noisy(left, 0.015), n=1063))
    return rows


def _along(generator: np.random.Generator, n_seeds: int, dataset: str, encoders: tuple[str, ...]) -> list[Row]:
    """Two trainings whose measures grow with learning rate times updates, or do not change."""
    rows = []
    for encoder, training, seed, updates in product(encoders, ("standard", "early"), range(n_seeds), (0, 1, 30, 900)):
        keys = {"study": "quick", "dataset": dataset, "encoder": encoder, "attention": "additive"}
        keys |= {"normalizer": "softmax", "training": training, "seed": seed, "updates": updates, "ablation": "none"}
        size = updates * {"standard": 0.001, "early": 0.004}[training]
        rows += [
            Row(**keys, quantity="step_size", value=size, unit="learning rate"),
            Row(**keys, quantity="gini", value=0.2 + 0.1 * size / (1 + size) + 0.01 * generator.normal()),
            Row(**keys, quantity="accuracy", value=0.7 + 0.01 * generator.normal()),
        ]
        if updates or seed:  # the first model predicts one class only at first
            rows.append(Row(**keys, quantity="tau_b", view="pointwise", value=0.1 + 0.02 * generator.normal()))
    return rows


def _data(dataset: str) -> list[Row]:
    counts = {"texts": 6824, "tokens": 143210, "truncated": 12, "empty": 2, "duplicates": 18, "unknown_tokens": 3120}
    rows = [
        Row(dataset=dataset, quantity=name, value=float(value // share), parameters=encode_parameters(split=split))
        for split, share in (("train", 1), ("validation", 8), ("test", 8))
        for name, value in counts.items()
    ]
    source = encode_parameters(licence="unknown; research use", citation="Pang & Lee (2005), Seeing stars, ACL 2005.")
    return [*rows, Row(dataset=dataset, quantity="dataset", parameters=source)]


def _examples(generator: np.random.Generator, dataset: str) -> list[Row]:
    rows = []
    for example, words in enumerate(WORDS):
        for attention in ("additive", "scaled_dot_product"):
            keys = {
                "study": "quick",
                "dataset": dataset,
                "encoder": "mlp",
                "attention": attention,
                "normalizer": "softmax",
                "ablation": "none",
                "seed": 0,
                "example": example,
            }
            weights = generator.dirichlet(np.full(len(words), 0.5))
            for position, (word, weight) in enumerate(zip(words, weights, strict=True)):
                token = encode_parameters(position=position, token=word, predicted="positive", label="negative")
                attributed = encode_parameters(
                    position=position, token=word, predicted="positive", label="negative", attribution="leave_one_out"
                )
                mi = float(0.4 * generator.normal() + weight)
                rows += [
                    Row(**keys, quantity="token_attention", value=float(weight), parameters=token),
                    Row(**keys, quantity="token_pointwise_mi", value=mi, unit="nats", parameters=token),
                    Row(**keys, quantity="token_attribution", value=mi / 2, parameters=attributed),
                ]
            rows.append(Row(**keys, quantity="tau_b", view="pointwise", value=0.23))
    return rows


def _contrast(finding: str, hypothesis: str, claim: str, n_seeds: int, verdict: str, *numbers: float) -> Row:
    value, half, pvalue = numbers
    parameters = encode_parameters(
        hypothesis=f"{finding}.{hypothesis}",
        claim=claim,
        estimand="difference of seed means",
        hedges_g=round(value / half, 3),
        share_positive=0.5 + 0.4 * np.sign(value) * (verdict != "inconclusive"),
        primary=hypothesis != "specificity",
        margin=0.03,
        seeds_needed=26 if verdict == "inconclusive" else 5,
    )
    floor = 2.0**-n_seeds
    return Row(
        study="quick",
        quantity="contrast",
        finding=finding,
        parameters=parameters,
        value=value,
        ci_low=value - half,
        ci_high=value + half,
        ci_level=0.95,
        ci_method="t over seeds",
        test="sign-flip permutation (exact)",
        statistic=value,
        pvalue=max(pvalue, floor),
        pvalue_floor=floor,
        unit={"i": "share of H", "ii": "correlation", "iii": "proportion", "iv": "Gini", "v": "correlation"}[finding],
        alternative="greater",
        family=finding,
        pvalue_adjusted=min(2 * max(pvalue, floor), 1.0),
        correction="Holm",
        verdict=verdict,
        replication_unit="seed",
        n_seeds=n_seeds,
    )


def _findings(n: int) -> list[Row]:
    contrasts = [
        _contrast(
            "i",
            "additive",
            "additive preserves more information than scaled dot-product",
            n,
            "supported",
            0.13,
            0.03,
            0.0,
        ),
        _contrast(
            "i", "deep", "deep preserves more information than scaled dot-product", n, "supported", 0.11, 0.04, 0.0
        ),
        _contrast(
            "ii",
            "permuted",
            "trained additive attention agrees with MI better than permuted attention",
            n,
            "supported",
            0.29,
            0.02,
            0.0,
        ),
        _contrast(
            "ii",
            "random_scorer",
            "trained additive attention agrees with MI better than a frozen random scorer",
            n,
            "supported",
            0.27,
            0.02,
            0.0,
        ),
        _contrast(
            "ii",
            "specificity",
            "additive gains more over the random scorer than scaled dot-product does",
            n,
            "inconclusive",
            0.03,
            0.05,
            0.13,
        ),
        _contrast("iii", "chance", "among near ties, concordance is at chance", n, "negligible", 0.004, 0.009, 0.0),
        _contrast(
            "iii",
            "noise",
            "among near ties, concordance is below what MI noise explains",
            n,
            "supported",
            0.021,
            0.008,
            0.004,
        ),
        _contrast(
            "iv",
            "gumbel",
            "Gumbel-softmax (temperature 0.5) is more skewed than softmax",
            n,
            "supported",
            0.27,
            0.02,
            0.0,
        ),
        _contrast("v", "best", "BiLSTM + additive has the highest agreement", n, "contradicted", -0.06, 0.03, 0.999),
    ]
    specifications = [
        Row(
            quantity="specification",
            finding=hypothesis.partition(".")[0],
            view=view,
            estimator=estimator,
            output="class",
            value=value,
            unit=unit,
            ci_low=value - 0.04,
            ci_high=value + 0.04,
            ci_level=0.95,
            parameters=encode_parameters(
                hypothesis=hypothesis, measure=measure, agrees=value > 0, by_construction=False
            ),
            n_seeds=n,
        )
        for hypothesis, measure, view, estimator, unit, value in (
            ("i.additive", "mi_normalised_mean", "rank", "Probe()", "share of H", 0.13),
            ("i.additive", "mi_normalised_mean", "rank", "Ross()", "share of H", 0.1),
            ("i.additive", "mi_normalised_mean", "position", "Probe()", "share of H", 0.02),
            ("i.additive", "mi_pointwise_mean", "pointwise", "Probe()", "share of H", -0.01),
            ("iii.chance", "near_tie", None, None, "proportion", 0.004),
            ("iii.chance", "near_tie", "pointwise", "Probe()", "proportion", 0.006),
            ("iii.chance", "near_tie", "rank", "Ross()", "proportion", 0.005),
            ("iv.gumbel", "gini", None, None, "coefficient", 0.27),
            ("iv.gumbel", "effective_positions", None, None, "tokens", 2.5),
        )
    ]
    titles = {
        "i": ("Additive and deep attention preserve more information than scaled dot-product", "supported"),
        "ii": ("Additive attention learns the importance of hidden states", "inconclusive"),
        "iii": ("Near-equal attention does not follow the MI order", "supported"),
        "iv": ("Gumbel-softmax below temperature one is more skewed", "supported"),
        "v": ("Some combinations preserve the order better, BiLSTM + additive for one", "contradicted"),
    }
    findings = [
        Row(
            quantity="finding",
            finding=name,
            verdict=verdict,
            parameters=encode_parameters(
                title=title,
                rule="supported if every contrast of the family is",
                sentence=f"Over {n} seeds the effect was as large as the table below shows.",
                note="A note on the verdict.",
            ),
        )
        for name, (title, verdict) in titles.items()
    ]
    return contrasts + specifications + findings


def _run(failures: int) -> list[Row]:
    rows = [
        Row(
            quantity="configuration", parameters=encode_parameters(toml='name = "quick"\nseeds = [0, 1, 2]\n[<data>]\n')
        ),
        Row(quantity="version", parameters=encode_parameters(package="attnstats", version="0.1.0")),
        Row(quantity="version", parameters=encode_parameters(package="numpy", version="2.4.0")),
    ]
    failed = [
        Row(
            dataset="rotten_tomatoes",
            encoder="bilstm",
            attention="deep",
            normalizer="softmax",
            seed=seed,
            quantity="failure",
            parameters=encode_parameters(error="ConvergenceError: the probe's <fit> did not converge"),
        )
        for seed in range(failures)
    ]
    return rows + failed


@pytest.fixture(scope="session")
def make_frame() -> Callable[..., pd.DataFrame]:
    return synthetic_frame


@pytest.fixture(scope="session")
def frame() -> pd.DataFrame:
    return synthetic_frame()


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a whole report; two cells of its study failed."""
    directory = tmp_path_factory.mktemp("report")
    write_report(synthetic_frame(failures=2), directory)
    return directory
