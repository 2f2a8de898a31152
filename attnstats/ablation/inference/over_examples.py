"""From traces of trained models and an intervention to the comparison of intact with ablated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from attnstats._parallel import parallel_map
from attnstats._validation import FloatArray, RNGLike, as_generator, check_at_least
from attnstats.ablation.inference.outcomes import Outcome
from attnstats.ablation.inference.over_models import ablation_test
from attnstats.ablation.inference.result import AblationResult
from attnstats.ablation.interventions._ablate import ablate
from attnstats.ablation.interventions.interface import Ablation, OutputHead, RetrainedAblation, label_of
from attnstats.comparison import MINIMUM_REPLICATES
from attnstats.exceptions import InvalidInputError
from attnstats.trace import AttentionTrace, check_trace

Item = TypeVar("Item")


def trace_ablation_test(
    traces: Sequence[AttentionTrace],
    ablation: Ablation | Sequence[Ablation],
    outcome: Outcome | Sequence[Outcome],
    *,
    models: Sequence[OutputHead] | None = None,
    margin: float | None = None,
    strata: ArrayLike | None = None,
    datasets: ArrayLike | None = None,
    alternative: str = "two-sided",
    confidence_level: float = 0.95,
    n_resamples: int = 99_999,
    minimum_seeds: int = MINIMUM_REPLICATES,
    n_jobs: int | None = None,
    rng: RNGLike = None,
) -> AblationResult:
    """Intervene on the attention of trained models and compare an outcome with that of the intact ones.

    `ablation_test` from traces: each model is ablated once, with random numbers of its own. Examples for which some
    model has no value are left out for all.

    Parameters
    ----------
    traces : sequence of AttentionTrace
        One per trained model, of different seeds on the same texts.
    ablation : Ablation, or a sequence of them
        The intervention; one for each trace where it differs, as the donor of `Transplanted` does.
    outcome : Outcome, or a sequence of them
        `Agreement`, `RankInformation`, `Accuracy`, `OutputChange`, `DecisionFlips` or your own; one for each trace
        where it differs, as a given order does.
    models : sequence of OutputHead, optional
        The trained models, in the order of the traces, for outcomes read off the output and some interventions.
    margin, strata, datasets, alternative, confidence_level, n_resamples, minimum_seeds
        As in `ablation_test`.
    n_jobs : int, optional
        Workers; the numbers do not depend on it.
    rng : seed or Generator, optional
        Source of randomness.

    Returns
    -------
    AblationResult

    Raises
    ------
    InvalidInputError
        If the sequences differ in length, or the intervention or the outcome needs models and has none.
    TooFewSamplesError, ConstantInputError
        As `ablation_test`.

    Examples
    --------
    >>> from attnstats.trace import AttentionTrace
    >>> import numpy as np
    >>> from scipy.special import softmax
    >>> from attnstats.ablation import Agreement, Permuted
    >>> rng = np.random.default_rng(0)
    >>> order = rng.normal(size=(50, 10))  # the known information of the tokens, that eight models attend to with noise
    >>> traces = [AttentionTrace.from_arrays(attention=softmax(order + rng.normal(size=(50, 10)), axis=1),
    ...                                      hidden=np.zeros((50, 10, 1)), output=[0] * 50) for _ in range(8)]
    >>> trace_ablation_test(traces, Permuted(), Agreement(order), margin=0.05, rng=1)
    tau_b under permuted: mean difference = ..., 95 % CI [...], p < .001, n = 8 seeds x 50 examples
    """
    if isinstance(traces, AttentionTrace) or not isinstance(traces, Iterable):
        raise InvalidInputError(f"traces: must be a sequence of traces, one for each seed; got {traces!r}")
    traces, generator = list(traces), as_generator(rng)
    check_at_least(len(traces), 1, "number of traces")
    for number, trace in enumerate(traces):
        check_trace(trace, f"traces[{number}]")
    ablations, outcomes = _one_each(ablation, traces, "ablation"), _one_each(outcome, traces, "outcome")
    if models is not None and not isinstance(models, Iterable):
        raise InvalidInputError(f"models: must hold one for each of the {len(traces)} traces; got {models!r}")
    heads: list[OutputHead | None] = [None] * len(traces) if models is None else list(models)
    if len(heads) != len(traces):
        raise InvalidInputError(f"models: must hold one for each of the {len(traces)} traces; got {len(heads)}")
    first = outcomes[0]
    for each in outcomes:
        if isinstance(each, type) or not isinstance(each, Outcome):
            raise InvalidInputError(f"outcome: must be an outcome such as Agreement(); got {each!r}")
    if first.needs_model and models is None and not isinstance(ablations[0], RetrainedAblation):
        raise InvalidInputError(
            f"models: {type(first).__name__} needs them, since without a model the output does not change; got None"
        )
    pairs = parallel_map(
        _ablated_values, list(zip(traces, ablations, outcomes, heads, strict=True)), rng=generator, n_jobs=n_jobs
    )
    return ablation_test(
        None if first.is_change else [intact for intact, _ in pairs],
        [ablated for _, ablated in pairs],
        margin=margin,
        strata=strata,
        datasets=datasets,
        missing="omit",
        alternative=alternative,
        confidence_level=confidence_level,
        n_resamples=n_resamples,
        minimum_seeds=minimum_seeds,
        ablation=label_of(ablations[0]),
        outcome=first.quantity,
        holds_fixed=ablations[0].holds_fixed,
        rng=generator,
    )


def _ablated_values(
    task: tuple[AttentionTrace, Ablation, Outcome, OutputHead | None], rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    trace, ablation, outcome, model = task
    return outcome.values(trace, ablate(trace, ablation, model=model, rng=rng), rng)


def _one_each(item: Item | Sequence[Item], traces: Sequence[AttentionTrace], name: str) -> list[Item]:
    if not isinstance(item, Sequence):
        return [item] * len(traces)
    if len(item) != len(traces):
        raise InvalidInputError(f"{name}: must be one, or one for each of the {len(traces)} traces; got {len(item)}")
    return list(item)
