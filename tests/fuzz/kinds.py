"""Which kind each parameter is: by its name for all doors, and by door where the name means something else there."""

from tests.fuzz.score_tables import SCORES
from tests.fuzz.strategies import (
    ALTERNATIVE,
    FLAG,
    FRAME,
    JOBS,
    MASK,
    SEED,
    Kind,
    callback,
    choice,
    count,
    data,
    labels,
    matrix,
    number,
    per_sample,
    sequence,
    tables,
    text,
    texts,
)


def named(names: str, kind: Kind) -> dict[str, Kind]:
    """The same kind under several names."""
    return dict.fromkeys(names.split(), kind)


def doors(names: str, **kinds: Kind) -> dict[str, dict[str, Kind]]:
    """The same kinds at several doors."""
    return dict.fromkeys(names.split(), kinds)


TOKENS = data("n", 5)
HEADS = choice(
    *texts("heads(2, 1); heads(1, 2); heads(3, 0); study()"),
    bad="""None; 3; []; pd.DataFrame(); heads(2, 1).iloc[::-1]; pd.concat([heads(2, 1)] * 2, ignore_index=True)
    heads(2, 1).assign(value=np.inf); heads(2, 1).assign(value=np.nan); heads(2, 1).assign(parameters="{")
    heads(2, 1).assign(parameters=pd.NA); heads(2, 1).assign(layer=pd.NA); heads(2, 1).assign(head=pd.NA)
    heads(2, 1).assign(pvalue_adjusted=2.0); heads(2, 1).assign(ci_low=9.0); heads(0, 1); heads(2, 1).head(1)""",
)
TRACE = choice("trace(12, 3)", "trace(5, 1)", 'trace(12, 3, "float16")', 'trace(12, 3, "float32")', "trace(1, 2)")
MODEL = choice("head(3)", "None", "head(0)", "head(1, n_classes=3)", "SoftmaxHead(normal((2, 2), 0), normal((2,), 1))")
JOINT = choice("GaussianJoint(covariance(2, 1), 1)")
PLACEMENTS = choice("PlacementScore()", "BrunnerMunzel()")
PARTS = choice("None", "HalfSampling(8)", "HolmesNemenman(3, 4)", "DeleteD(0.75, 8)", "TimeBlocks(2)")
INTERVAL = choice("None", 'ConfidenceInterval(0, 1, 0.95, "BCa")')
TWO_CORRELATIONS = (
    "IndependentCorrelations(0.5, 20, 0.25, 30)",
    "OverlappingCorrelations(0.5, 0.25, 0.125, 30)",
    "NonOverlappingCorrelations(0.5, 0.25, 0.1, 0.1, 0.1, 0.1, 30)",
)

_SECTION = "PageSection('Means', ['Of runs.'], [results_table(pd.DataFrame({'a': [1.5, 2.0]}))])"

_SAMPLES = {
    **named("x y a b differences pilot effects z", data("n")),
    **named("values ratings", data(3, "n")),
    **named("first second", TOKENS),
    **named("intact ablated", data("n", 6)),
    **named("groups", labels()),
    **named("strata datasets condition blocks clusters", labels(several=2)),
    "mask": MASK,
    "order": data(12, 4),
    "pvalues": data(7, of="pvalues"),
    "variances": data("n", of="positive"),
    "correlations": data("n", of="correlations"),
    "sizes": per_sample("np.full({n}, 20)", "[20] * {n}"),
    "random": per_sample(
        '{{"seed": np.arange({n}) // 2}}', '{{"seed": np.arange({n}), "example": np.arange({n}) // 3}}'
    ),
    "counts": data(3, 4, of="whole"),
    "kernel": data(2, 2),
    "bias": data(2),
    "means": data(3, 2),
    "edges": sequence("[0.0, 1.0, 2.0]", "[0, 0.5, np.inf]", "np.array([0.1, 0.2])"),
    "contrast": sequence("None", "[1.0, -1.0]"),
    "bounds": sequence("None", "(0, 1)", "(-1, 1)"),
    "covariance": matrix("covariance(2, 1)", "covariance(3, 2)", "np.eye(2)"),
    "covariances": matrix("None", "covariance(2, 1)"),
    "transition": matrix("[[0.9, 0.1], [0.2, 0.8]]", "np.eye(2)"),
    "prior": sequence("[0.5, 0.5]", "np.array([0.25, 0.75])"),
    "probabilities": sequence("None", "[0.5, 0.25, 0.25]"),
}
_COUNTS = {
    **named("n_resamples n_simulations", count("19", "39")),
    **named("n_draws n_inner n_restarts n_repeats n_halvings n_strata ranks top n_components dim_x", count("1", "2")),
    **named("k max_components max_parts n_neighbors n_partitions n_bits", count("1", "2", "3")),
    **named("n_bins depth algorithm n_folds", count("2", "4")),
    **named("n n_1 n_2 n_samples min_samples_leaf max_iterations", count("5", "20")),
    **named("max_epochs patience embedding width batch_size min_count max_length n_fillers", count("2", "8")),
    **named("max_evidence n_features max_vocabulary", count("20", "100")),
    **named("n_texts length maximum", count("12", "50")),
    **named("minimum_replicates minimum_seeds", count("2", "3", "8")),
    **named("target split_seed", count("0", "1", "2")),
    **named("dim_y n_missing", count("1")),
    "dim_z": choice("None", "1"),
}
_NUMBERS = {
    **named("confidence_level level power assurance persistence d concentration", number("0.95", "0.5")),
    **named("alpha threshold epsilon flip share near_tie", number("0.05", "0.2")),
    **named("margin temperature norm df separation effect", number("0.5", "2.0")),
    **named("null_value difference low intercept statistic value observed jitter", number("0.0", "0.3")),
    **named("r r_1 r_2 r_jk r_jh r_kh r_hm r_jm r_km correlation high pvalue", number("0.5", "0.125")),
    **named("learning_rate l2 decay clip speed", number("0.1", "1.0")),
    **named("rate pvalue_floor null_floor", number("None", "0.1")),
    "n_train": number("9.0", "40"),
    "n_test": number("1.0", "10"),
    **named("widths hidden fractions shares strengths positions", sequence("(1.0,)", "(0.5, 0.8)")),
    "hidden": sequence("(4,)", "(4, 3)"),
    "positions": sequence("None", "(0, 1)"),
}
_WORDS = {
    **named(
        "standardize stratify bias_correction bias_warning truncate paired_replicates paired symmetric renormalize"
        " shared_replicates each_row",
        FLAG,
    ),
    **named("name text label licence citation ablation outcome holds_fixed test effect_name unit within", text("mine")),
    **named("replication_unit crossed_unit", text("seed", "data set")),
    **named("discrete_x discrete_y discrete_z", choice("None", "True", "False", "[True]", "[True, False]")),
    "mid_p": FLAG,
    "alternative": ALTERNATIVE,
    "missing": choice("None", "CompleteCases()"),
    "metric": choice('"max"', '"euclidean"'),
    "variant": choice('"a"', '"b"'),
    "exact": choice("None", "True", "False", bad="2; 'exact'; np.nan; []; np.array([True, False])"),
    "names": sequence("None", '["first", "second", "third"]'),
    "words": sequence('("a", "b")'),
    "texts": sequence('("a b", "c", "d e f", "a c")'),
    "notes": choice("()"),
    "split": choice("None"),
    "max_texts": choice("None", '{"train": 20}', bad="""3; "a"; {"abc": 3}; {"train": -1}; {"train": "3"}"""),
}
_OBJECTS = {
    "rng": SEED,
    "n_jobs": JOBS,
    "frame": FRAME,
    "finding": choice('"i"', '"iv"'),
    "null": choice("None", "Permutation(19)", "CircularShift(19)", "BlockPermutation(2, 19)", "PhaseSurrogate(19)"),
    "interval": choice(
        "None", *(f"{name}()" for name in ("JackknifeInterval", "ScoreInterval", "Fieller", "BonettWright"))
    ),
    "method": choice(
        *("Holm()", "Hochberg()", "Hommel()", "Bonferroni()", "BenjaminiHochberg()", "BenjaminiYekutieli()")
    ),
    "design": per_sample("IID()", "Clustered(np.resize([0, 1, 2], {n}))", "Stratified(np.resize([0, 1], {n}))"),
    "coefficient": choice("Pearson()", "Spearman()"),
    "heterogeneity": choice("REML()", "DerSimonianLaird()", "PauleMandel()"),
    "variance": choice("HarmonicT()", "Satterthwaite()", "FixedItems()"),
    "measure": choice("PairedG()", "IndependentG()", "CliffsDelta()", "Superiority()", "CliffsDelta(BrunnerMunzel())"),
    "bins": choice("Quantile(4)", "EqualWidth(3)", "FreedmanDiaconis()"),
    "entropy": choice("PlugIn()", "NSB()", "Grassberger()", "ChaoShen()", "JamesStein()"),
    "shrinkage": choice("LeaveOneOutShrinkage()", "LedoitWolf()", "NoShrinkage()", "SchaferStrimmer()"),
    "training": choice("NetworkTraining(max_epochs=2, patience=1)"),
    "margins": choice("NormalScores()", "Standardized()", "UniformRanks()", "AsMeasured()"),
    "density": choice("ConditionalMixture((4,), 2)"),
    "critic": choice("Separable((4,), 4)", "Bilinear()", "Joint((4,))"),
    "projection": choice("AllColumns()", "LinearProjection()", "KernelProjection()"),
    "models": sequence("(Logistic(),)"),
    "families": sequence("(GaussianCopula(),)"),
    "probe": choice("Probe()"),
    "cells": choice("Binned()"),
    "model": choice("Logistic()"),
    "estimator": choice(
        *(f"{name}()" for name in ("KSG", "Ross", "DiscreteContinuousMixture", "Gaussian", "Binned", "StudentCopula")),
        *("KSG(margins=AsMeasured())", "KSG(algorithm=2, margins=Standardized())", "KSG(metric='euclidean')"),
    ),
    "error": choice("None"),
    "function": callback("np.sum", "np.max"),
    **named("trace donor", TRACE),
    **named("gaussian base", JOINT),
    **named("transform_x transform_y", callback("None", "asinh", "half_cube")),
    "sections": choice("[]", f"[{_SECTION}]", "[PageSection('Why', ['t test'], folded=[PageSection('More')])]"),
    "figure": choice("__import__('matplotlib.figure').figure.Figure()"),
    **named("lead paragraphs", sequence("[]", "['Better.', '<b>& worse</b>']")),
    **named("title heading description", text("Models", "a < b & c")),
    "tables": choice("()", "[results_table(pd.DataFrame({'a': [1.5, 2.0]}))]"),
    "figures": choice("()"),
    "folded": choice("()", f"[{_SECTION}]"),
    "table": choice('Table("a", "b", pd.DataFrame({"c": [1.0]}), pd.DataFrame({"c": ["1"]}))'),
    "table_format": choice("None", "CSV()", "Markdown()", "LaTeX()"),
    "eraser": choice("ZeroedAttention(head(3))", "DeletedInput(head(3))"),
    "dataset": choice("planted(60)"),
}
#: By the parameter's name.
KINDS: dict[str, Kind] = _SAMPLES | _COUNTS | _NUMBERS | _WORDS | _OBJECTS

_FAMILY = {**named("a b", data("n", 3)), "method": choice("MaxT()", "MinP()")}
_VERB = {"interval": PARTS}
_PLAUSIBILITY = {
    "marks": per_sample("human_marks({n}, 1)", "human_marks({n}, 2)"),
    "measure": choice(
        *("AveragePrecision()", "TokenF1()", "IntersectionF1()", "RankCorrelation()"),
        *("TokenF1(TopShare(0.5))", "IntersectionF1(0.3, Above(0.1))"),
    ),
    "against": choice(
        *("None", "EachAnnotator()", "OneAnnotator(1)", "Union()", "Majority()", "MarkCounts()"),
        *("LeaveOneOut(Union())", "LeaveOneOut(MarkCounts())"),
        bad="3; True; 'union'; Union; object(); []; {}; np.zeros(3)",
    ),
    "null": choice("RandomTokens()", "RandomSpans()"),
}
#: By door, where a name means something else there.
AT_DOOR: dict[str, dict[str, Kind]] = {
    **SCORES,
    # information
    **doors("mutual_information pointwise_mutual_information self_consistency", **_VERB),
    "compare_estimators": {**_VERB, "estimators": sequence("[KSG(), Gaussian()]", "None")},
    "conditional_mutual_information": {**_VERB, "null": choice("None", "LocalPermutation(19)")},
    "mutual_information_difference": {
        **named("first second", per_sample("(normal(({n},), 0), normal(({n}, 2), 1))", "[np.arange({n})] * 2")),
        "interval": choice("HalfSampling(8)", "TimeBlocks(2, HalfSampling(8))"),
    },
    "total_correlation": {
        "variables": per_sample(
            "list(normal((3, {n}), 0))", "(np.arange({n}), np.arange({n}) % 2, normal(({n}, 2), 1))"
        )
    },
    "lagged_mutual_information": {
        "null": choice("CircularShift(19)", "PhaseSurrogate(19)"),
        "lags": sequence("[-1, 0, 1]", "range(3)"),
    },
    **doors(
        "transfer_entropy", null=choice("None", "CircularShift(19, 2)"), **named("history_x history_y lag", count("1"))
    ),
    "CircularShift": {"minimum": count("None", "2")},
    **doors("BlockPermutation TimeBlocks", length=count("2", "5")),
    "PhaseSurrogate": {"n_iterations": count("5")},
    "TimeBlocks": {"of": choice("HalfSampling(8)", "HolmesNemenman(3, 4)")},
    **doors(
        "mutual_information_matrix rank_features select_features InformationScore",
        **_VERB,
        frame=data("n", 3),
        target=data("n"),
        null=choice("None", "Permutation(5)"),
        given=choice("()"),
        n_features=count("1", "2"),
        estimator=choice("ByKind()", "KSG()", "Gaussian()", "Binned()"),
        discrete=choice("None", "True", "False", "[None, True, False]"),
        discrete_target=choice("None", "True", "False"),
    ),
    "informational_correlation": {"information": data("n")},
    "entropy_share": {"information": data("n"), "entropy": number("0.6931", "1.5")},
    "ByKind": {
        "measurements": choice("KSG()", "Gaussian()"),
        "mixed": choice("Ross()", "Probe()"),
        "classes": choice("Binned()"),
        "mixture": choice("DiscreteContinuousMixture()"),
    },
    "sample_size_curve": {**_VERB, "n_repeats": count("5")},
    "NearestNeighbors": {"k": sequence("(4, 8)")},
    "DonskerVaradhan": {"rate": number("0.1")},
    "LocalNonuniformity": {"alpha": number("None", "0.25")},
    "PrincipalComponents": {"estimator": choice("Binned()", "KSG()")},
    # ranks
    **doors("kendall_batch spearman_batch weighted_tau_batch top_k_overlap_batch", x=TOKENS, y=TOKENS),
    **doors("concordance_curve gap_quantile_edges reference_concordance", x=TOKENS, y=TOKENS),
    "kendall": {"variant": choice('"a"', '"b"', '"c"')},
    "rank_biased_overlap": named("first second", sequence('["a", "b", "c"]', "[1, 2]", "[{1, 2}, 3]")),
    # resampling
    "bootstrap_interval": {
        "data": data("n"),
        "statistic": callback("np.mean", "np.median", "FunctionOfMeans(np.sum)", "np.std"),
        "method": choice(
            *(f"{name}(39)" for name in ("BCa", "Percentile", "Basic", "Studentized", "HallT")),
            *("DoubleBootstrap(19, 9)", "Wilson()", "None"),
        ),
    },
    "permutation_test": {
        "kind": per_sample("Pairings()", "Independent()", "Blocked(np.resize([0, 1], {n}))"),
        "statistic": callback("lambda x, y: np.mean(x) - np.mean(y)", "lambda x, y: float(x @ y)", "WelchT()"),
    },
    "permutation_pvalue": {"null": data("n"), "exact": FLAG},
    "Studentized": {"error": callback("None", "np.std")},
    **doors("Crossed ablation_test", missing=choice('"raise"', '"omit"')),
    # comparison
    **doors("paired_family_test independent_family_test", **_FAMILY),
    **doors("anova_test anova_equivalence_test", values=tables(2, 8, 6)),
    **doors("anova_interval variance_components", values=tables(8, 6)),
    **doors("independent_anova_test independent_anova_equivalence_test", a=tables(8, 6), b=tables(9, 6)),
    **doors("paired_anova_test paired_anova_equivalence_test", a=tables(8, 6), b=tables(8, 6)),
    **doors("clustered_test clustered_equivalence_test", clusters=labels(several=10)),
    "anova_interaction_test": {"values": data(2, 3, 8, 4)},
    "interaction_test": {"values": data(2, 3, "n")},
    "interaction_sample_size_needed": {"values": data(2, 3, 8, 4)},
    "t_interval": {"values": data("n")},
    "mixed_model_test": {
        "values": data("n"),
        "condition": per_sample("np.arange({n}) % 2", 'np.resize(["a", "b"], {n})'),
    },
    "jonckheere_test": {
        "groups": per_sample(
            *(f"[tied(({{n}},), {seed}), as_list(normal(({{n}},), 2)), series(whole((4,), 3))]" for seed in range(4)),
            *("smooth((3, {n}), 1)", "[scaled(({n},), 1, 1e300), spread((5,), 2)]", "tied((2, {n}), 1).tolist()"),
        )
    },
    "compare_correlations": {
        "pair": choice(*TWO_CORRELATIONS),
        "method": choice("None", *(f"{name}()" for name in ("Steiger", "Williams", "Zou", "FisherZ", "Newcombe"))),
    },
    "correlation_equivalence_test": {"correlation": choice("Correlation(0.1, 40)", TWO_CORRELATIONS[0])},
    **doors("meta_analysis meta_analysis_of_correlations", test=choice("KnappHartung()", "Wald()")),
    "mcnemar_test": {**named("a b", data("n", of="flags")), "interval": choice("Tango()", "HybridScore()")},
    "independent_proportions_test": {
        **named("a b", data("n", of="flags")),
        "interval": choice("MiettinenNurminen()", "HybridScore()"),
    },
    **doors(
        "proportions_equivalence_test proportions_noninferiority_test",
        **named("a b", data("n", of="flags")),
        margin=number("0.5", "0.1"),
    ),
    "five_by_two_cv_test": named("a b", data(5, 2)),
    "intraclass_correlation": {"values": data("n"), "clusters": labels(several=10)},
    "partial_conjunction_test": {"method": choice("Bonferroni()", "Simes()", "Fisher()", "Stouffer()")},
    "simulated_power": {"pvalue": callback("lambda n, rng: float(rng.random())")},
    **doors("CliffsDelta Superiority", interval=PLACEMENTS),
    # ablation
    "ablate": {
        "ablation": choice(
            *(f"{name}()" for name in ("Uniform", "Permuted", "RandomScorer", "Dirichlet", "Entmax", "GumbelNoise")),
            *(f"{name}()" for name in ("Temperature", "SeparateScorer", "ShuffledLabelScorer")),
            *("Zeroed(1)", "Zeroed(share=0.5)", "Transplanted(trace(12, 5))", "Adversarial(n_restarts=2)"),
        ),
        "model": MODEL,
    },
    "trace_ablation_test": {
        "traces": sequence(
            *["[trace(40, each) for each in range(8)]"] * 3, "[trace(12, 1), trace(12, 4), trace(5, 2)]"
        ),
        "strata": sequence("None", "[0, 1] * 4"),
        "datasets": sequence("None", "[0] * 8"),
        "ablation": choice("Uniform()", "Permuted()", "[Uniform()] * 4 + [Permuted()] * 4"),
        "outcome": choice("OutputChange()", "Accuracy()", "DecisionFlips()", "PredictedProbability()", "Agreement()"),
        "models": sequence(*["[head(each) for each in range(8)]"] * 3, "None"),
    },
    **doors("attention_divergence total_variation", intact=TRACE, ablated=TRACE),
    "Zeroed": {"top": count("1", "None"), "share": number("None", "0.5")},
    **doors("DeletedInput ZeroedAttention", model=MODEL),
    "Entmax": {"alpha": number("1.5", "2.0")},
    "Agreement": {"order": choice("PointwiseOrder()", "normal((12, 4), 1)")},
    # adapters
    **doors("Input Output", name=text("encoder.attention", ""), part=count("None", "1", '"value"')),
    **doors("Logits PositiveProbability", of=choice('"head"', '""', 'Output("head", part=1)')),
    "GradientTimesInput": {"signed": FLAG},
    "IntegratedGradients": {"steps": count("1", "8"), "baseline": choice("ZeroEmbedding()", "MaskToken()")},
    **doors(
        "AttentionTimesGradient AttentionRollout",
        **{"layer": count("None", "0", "3"), "head": count("None", "0"), "query": choice("None")},
    ),
    # plausibility
    "HumanMarks": {
        "tokens": per_sample('[list("abcde")] * {n}', '[("a", "b", "c", "d", "e")] * {n}'),
        "labels": per_sample("np.resize([0, 1], {n})", "np.resize([0, 1], {n}).tolist()"),
        "marks": per_sample("flags(({n}, 2, 5), 1)", "[[[0, 1, 0, 1, 1]]] * {n}", "[whole((5,), 1) > 0] * {n}"),
        "class_names": sequence('("a", "b")'),
        "splits": per_sample("None", 'np.resize(["train", "validation", "test"], {n})'),
        "annotator_labels": per_sample("None", "[[0, 1]] * {n}"),
        "ids": per_sample("None", "list(map(str, range({n})))"),
        "same_annotators": FLAG,
        "marks_cut": per_sample("None", "[0] * {n}", "np.arange({n})"),
    },
    **doors("head_table head_ablation_table plot_heads", frame=HEADS),
    "plot_information_matrix": {
        "matrix": choice(
            "pd.DataFrame(np.eye(3))",
            "pd.DataFrame([[np.nan, 0.5], [0.5, np.nan]], list('ab'), list('ab'))",
            bad="None; 3; []; np.eye(3); pd.DataFrame(); pd.DataFrame(np.ones((2, 3))); pd.DataFrame([[np.nan]])",
        ),
        "clustered": FLAG,
        "meaning": text("information"),
    },
    **doors("plausibility plausibility_test", scores=TOKENS, tokens=choice("None"), **_PLAUSIBILITY),
    **doors("human_ceiling crowd_ceiling random_rationale", **_PLAUSIBILITY),
    "compare_plausibility": {
        "a": choice(*(f'agreement("{each}", 1)' for each in (1, 3, 8, 8, 9, "people", "chance"))),
        "b": choice(*(f'agreement("{each}", 2)' for each in (1, 3, 8, 8, 9, "people", "chance"))),
        "paired_models": FLAG,
    },
    "LeaveOneOut": {
        "of": choice("EachAnnotator()", "Union()", "Majority()", "MarkCounts()"),
        "erasure": choice("Deleted()", "PadToken()"),
        "signed": FLAG,
    },
    "OneAnnotator": {"index": count("0", "1")},
    **doors("TokenF1 IntersectionF1", rationale=choice("AsManyAsMarked()", "TopShare(0.3)", "Above(0.1)")),
    # traces, frames, results
    "AttentionRow": {
        "layer": count("None", "0", "3"),
        "head": count("None", "0", "np.int64(1)", "MeanHead()"),
        "query": choice("None", "ClassToken()", "LastToken()", "MeanQuery()", "Position(0)"),
    },
    "AttentionTrace.from_arrays": {
        "attention": data("n", 5, of="weights"),
        "row": choice("None", "AttentionRow()"),
        "hidden": data("n", 5, 2),
        "output": data("n", 2, of="weights"),
        "label": labels(),
        "tokens": per_sample("None", '[list("abcde")] * {n}'),
    },
    "to_frame": {"items": sequence("[]", '[Row(quantity="mi")]', '[MIEstimate(0.5, "KSG()", 10, 1, 1)]')},
    "interval_columns": {"interval": INTERVAL},
    "ConfidenceInterval": {"method": text("BCa"), "n_resamples": count("19", "None")},
    "MIEstimate": {"interval": INTERVAL, "estimator": text("KSG()")},
    "SignificanceResult": {"confidence_interval": INTERVAL},
    # synthetic data
    **doors("asinh half_cube normal_cdf wiggly", values=data("n")),
    "spiral": {"values": data("n", 2)},
    "swiss_roll": {"values": data("n", 1, of="pvalues")},
    "tokenize": {"text": text("some words", "")},
    "planted": {"strengths": sequence("(0.95, 0.8)", "(0.75,)")},
}
