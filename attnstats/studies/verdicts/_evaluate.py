"""The declared hypotheses, decided on models that no study of ours trained."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from attnstats._parallel import parallel_map
from attnstats._validation import RNGLike, as_generator, check_object
from attnstats.ablation import Dirichlet, Permuted, Uniform
from attnstats.exceptions import AttnstatsError, InvalidInputError, UnknownNameError
from attnstats.frame import COLUMNS, Row, check_frame, encode_parameters, to_frame
from attnstats.studies.config._condition import Condition
from attnstats.studies.config.component import Component
from attnstats.studies.config.parts import DatasetSpec, EquivalenceMargins, Grid, Inference
from attnstats.studies.config.study import StudyConfig
from attnstats.studies.findings import Outcomes, check_inference, evaluate_findings
from attnstats.studies.trace_rows._components import make_ablation
from attnstats.studies.trace_rows.analyse import TraceAnalysis, analyse_trace
from attnstats.studies.verdicts._models import Model, check_texts, component_of, models_of
from attnstats.studies.verdicts.evaluation import Evaluation
from attnstats.trace import AttentionTrace

#: Interventions on a trace that need no model: the controls of finding (ii).
_CONTROLS = (Permuted(), Uniform(), Dirichlet())


def evaluate(
    models: object,
    *,
    roles: Mapping[str, str] | None = None,
    shared: Mapping[str, str] | None = None,
    inference: Inference = Inference(),  # noqa: B008 (frozen)
    margins: EquivalenceMargins = EquivalenceMargins(),  # noqa: B008 (frozen)
    n_jobs: int | None = None,
    rng: RNGLike = None,
) -> Evaluation:
    """Decide the declared hypotheses on trained models, as a study decides them on its own.

    A model is its condition (data set, encoder, attention, normalizer) and its seed. Each finding is decided that the
    conditions allow; of the others it is said what they need. See docs/hypotheses.md.

    Parameters
    ----------
    models : trace, TraceAnalysis, DataFrame or path, a sequence of them, or a mapping of names to them
        `AttentionTrace` of each model, such as the head of a transformer; what `analyse_trace` made of it; a results
        frame of some models, also one that went through a CSV; or the path of a saved trace, of a file of arrays, or of
        a frame. The names of a mapping are those of the attention. What the conditions are stands in the metadata, or
        in the key columns of a frame.
    roles : mapping of str to str, optional
        From own names to those that the findings ask for: attention ``additive``, ``deep``, ``scaled_dot_product``,
        normalizer ``softmax``, ``gumbel_softmax(temperature=0.5)``, encoder ``bilstm``.
    shared : mapping of str to str, optional
        Parts of the condition that all models share whose metadata lack them, as ``{"normalizer": "softmax"}``.
    inference : Inference
        Which findings, decided how; near ties are those of the analysis where that is given.
    margins : EquivalenceMargins
        The largest differences that would not matter.
    n_jobs : int, optional
        Workers that analyse traces; -1 for all cores.
    rng : None, int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Evaluation
        A frame holds means over texts: what is decided from one is about other trainings, on these texts.

    Raises
    ------
    InvalidInputError
        If a model lacks a part of its condition, two are the same, or models of a data set differ in texts.
    UnknownNameError
        If `roles` has a name that no model has, or a role that no finding asks for.
    FrameError
        If a frame is none, or holds no rows of a model.
    TraceError
        If a file cannot be read.

    Notes
    -----
    Models without seeds count in their order within a condition, so that the first of each condition are a pair. Traces
    are analysed with ``Permuted()``, ``Uniform()`` and ``Dirichlet()``, controls of finding (ii). What else claims may
    rest on, such as a random scorer, is measured by `analyse_trace`, with the model, and given as its result.

    Examples
    --------
    >>> import numpy as np
    >>> from attnstats.studies import Inference, evaluate
    >>> from attnstats.trace import AttentionTrace
    >>> rng = np.random.default_rng(0)
    >>> output = rng.integers(0, 2, size=200)
    >>> def trained(seed, attention, looks):  # the state of token 2 knows the output
    ...     hidden = rng.normal(size=(200, 8, 3)) + 3 * (output[:, None, None] - 0.5) * (np.arange(8) == 2)[:, None]
    ...     weights = rng.dirichlet(1 + looks * (np.arange(8) == 2), size=200)
    ...     trace = AttentionTrace.from_arrays(attention=weights, hidden=hidden, output=output, seed=seed)
    ...     return trace.with_metadata({"attention": attention})
    >>> traces = [trained(seed, *kind) for seed in range(5) for kind in (("mine", 9), ("dot", 0))]
    >>> found = evaluate(
    ...     traces, roles={"mine": "additive", "dot": "scaled_dot_product"}, rng=0,
    ...     shared={"dataset": "toy", "encoder": "toy", "normalizer": "softmax"}, inference=Inference(minimum_seeds=5))
    >>> found.verdict("i"), found.verdict("ii")
    ('supported', 'supported')
    >>> print(found.summary().splitlines()[2])
    (i) supported
    """
    for name, value in (("roles", roles), ("shared", shared)):
        _check_names(value, name)
    check_object(inference, "inference", Inference, "Inference()")
    check_object(margins, "margins", EquivalenceMargins, "EquivalenceMargins()")
    check_inference(inference)
    given = models_of(models, shared or {}, roles or {})
    generator = as_generator(rng)
    analyses, failures = _analysed(given, inference, n_jobs, generator)
    analyses = check_texts(analyses)
    config = _configuration(analyses, inference, margins)
    rows = [
        Row(quantity="failure", seed=seed, parameters=encode_parameters(error=said), **_columns(condition))
        for (condition, seed), said in failures.items()
    ]
    rows += evaluate_findings(Outcomes(analyses), config, rng=generator)
    if roles:
        rows.append(Row(quantity="metadata", parameters=encode_parameters(roles=dict(roles))))
    measured = pd.concat([analysis.frame for analysis in analyses.values()], ignore_index=True)
    lengths = [len(analysis.frame) for analysis in analyses.values()]
    dtypes = {name: COLUMNS[name] for name in (*Condition._fields, "seed")}
    keys = pd.DataFrame([{**_columns(condition), "seed": seed} for condition, seed in analyses]).astype(dtypes)
    columns = keys.loc[keys.index.repeat(lengths)].reset_index(drop=True)
    return Evaluation(check_frame(pd.concat([to_frame(rows), measured.assign(**columns)], ignore_index=True)))


def _check_names(value: object, name: str) -> None:
    texts = [*value.keys(), *value.values()] if isinstance(value, Mapping) else [value]
    if value is not None and not all(isinstance(each, str) for each in texts):
        raise InvalidInputError(f"{name}: must be a mapping of names to names; got {value!r:.80}")
    if name == "shared" and isinstance(value, Mapping):
        for key in value:
            if key not in Condition._fields:
                raise UnknownNameError("shared", key, Condition._fields)


def _columns(condition: Condition) -> dict[str, Any]:
    return {name: str(part) for name, part in condition._asdict().items()}


def _analysed(
    given: Mapping[tuple[Condition, int], Model], inference: Inference, n_jobs: int | None, rng: np.random.Generator
) -> tuple[dict[tuple[Condition, int], TraceAnalysis], dict[tuple[Condition, int], str]]:
    """Return what was measured on every model, and why on some it could not be, as in a training that collapsed."""
    every: dict[tuple[Condition, int], TraceAnalysis | AttnstatsError] = {}
    traces: dict[tuple[Condition, int], AttentionTrace] = {}
    for key, model in given.items():
        if isinstance(model.source, TraceAnalysis):
            every[key] = model.source
        else:
            traces[key] = model.source
    analysed = parallel_map(partial(_analysis, inference.near_tie), traces.values(), rng=rng, n_jobs=n_jobs)
    every |= dict(zip(traces, analysed, strict=True))
    every = {key: every[key] for key in given}
    failed = {key: each for key, each in every.items() if isinstance(each, AttnstatsError)}
    if len(failed) == len(every):
        key, error = next(iter(failed.items()))
        raise type(error)(f"{given[key].name}: {error}") from error
    return (
        {key: each for key, each in every.items() if isinstance(each, TraceAnalysis)},
        {key: f"{given[key].shown}: {error}" for key, error in failed.items()},
    )


def _analysis(near_tie: float, trace: AttentionTrace, rng: np.random.Generator) -> TraceAnalysis | AttnstatsError:
    try:
        return analyse_trace(trace, ablations=_CONTROLS, near_tie=near_tie, rng=rng)
    except AttnstatsError as error:
        return error


def _configuration(
    analyses: Mapping[tuple[Condition, int], TraceAnalysis], inference: Inference, margins: EquivalenceMargins
) -> StudyConfig:
    """Return the study that these models would have come from, as far as the findings ask."""
    conditions = list(dict.fromkeys(condition for condition, _ in analyses))
    labels = {
        column.removeprefix("gini_")
        for analysis in analyses.values()
        for column in analysis.examples.columns
        if column.startswith("gini_")
    }
    return StudyConfig(
        name="evaluation",
        seeds=inference.minimum_seeds,  # of no use here: a study must be able to have enough
        datasets=tuple(DatasetSpec(each) for each in dict.fromkeys(each.dataset for each in conditions)),
        architectures=tuple(
            Grid(*((part,) for part in each)) for each in dict.fromkeys(each.combination for each in conditions)
        ),
        ablations=tuple(each for each in map(component_of, sorted(labels)) if _is_known(each)),
        inference=inference,
        margins=margins,
    )


def _is_known(ablation: Component) -> bool:
    """Whether it is an intervention of this package: what another does decides nothing."""
    try:
        make_ablation(ablation)
    except (InvalidInputError, UnknownNameError):
        return False
    return True
