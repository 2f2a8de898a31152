"""The quantities of the results frame."""

from __future__ import annotations

__all__ = ["QUANTITIES"]

#: Every quantity that a row may have, with its meaning; keys of `parameters` in braces.
QUANTITIES: dict[str, str] = {
    # the model
    "accuracy": "share of test examples whose predicted class is the label",
    "output_entropy": "entropy H of the predicted class",
    "epochs": "training epochs of the weights that the model keeps",
    "updates": "steps of the optimizer until these weights",
    "step_size": "sum of the learning rates of all updates up to a checkpoint of the training",
    "conicity": "mean cosine of an example's hidden states with their mean (Mohankumar 2020)",
    "total_variation": "mean total variation distance between the output and the intact model's output",
    # information
    "mi": "mutual information of a hidden state and the output {rank} or {position}",
    "mi_normalised": "the same divided by H of the output {rank} or {position}",
    "mi_normalised_mean": "mean of mi_normalised over the first ranks {ranks} or positions {positions}",
    "mi_context": "mutual information of the context vector and the output, divided by H",
    "mi_attention": "mutual information of the attention weights and the output, divided by H (leakage, Bai 2021)",
    "mi_pointwise_mean": "mean pointwise information of the tokens about the output, divided by H",
    "mi_reliability": "Spearman-Brown reliability of the pointwise MI order, from split halves",
    # agreement of orders
    "tau_b": "mean over examples of Kendall's tau-b between attention and pointwise MI",
    "spearman": "mean over examples of Spearman's rho between attention and pointwise MI",
    "weighted_tau": "mean over examples of Vigna's weighted tau between attention and pointwise MI",
    "top_k_overlap": "mean share of the {k} tokens of largest attention among those of largest pointwise MI",
    "profile_tau_b": "tau-b between mean attention and mi over the first ranks {ranks} or positions {positions}",
    "tau_b_attention_attribution": "mean tau-b between attention and the size of an attribution {attribution}",
    "tau_b_information_attribution": "mean tau-b between pointwise MI and an attribution {attribution}",
    "tau_b_known": "mean tau-b between attention and the known information of the tokens of planted text",
    "tau_b_information_known": "mean tau-b between pointwise MI and the known information",
    "plausibility": "mean average precision of the tokens that people marked {explanation}",
    "plausibility_tau_b": "mean tau-b with the number of people who marked a token {explanation}",
    "known_slope": "mean slope, within a text, of attention x length on the known information in nats",
    "concordance": "share of token pairs ordered alike by attention and MI {gap_low, gap_high}",
    "concordance_reference": "the same if attention were the true MI order, MI noise included {gap_low, gap_high}",
    "near_tie_concordance": "concordance of pairs whose attention is nearly equal",
    "near_uniform": "share of texts of near-uniform attention: half of their pairs of tokens or more are near ties",
    "near_tie_uniform": "share of the pairs whose attention is nearly equal that lie in such texts",
    "concordance_slope": "slope of concordance on the log of the attention gap",
    # skew of attention
    "gini": "mean Gini coefficient of an example's attention",
    "left_out": "mean share of an example's attention that special tokens have, or a sink",
    "entropy_deficit": "mean of 1 - H(attention) / log(length)",
    "max_attention": "mean largest attention weight",
    "effective_positions": "mean of exp H(attention)",
    "position_attention": "mean attention at one position {position}",
    # the text
    "texts": "number of texts {split}",
    "tokens": "number of tokens kept {split}",
    "texts_left_out": "number of texts that are left out of agreement {reason}",
    "truncated": "number of texts shortened to the maximal length {split}",
    "empty": "number of texts without a token, left out {split}",
    "duplicates": "number of texts left out because they occur in an earlier split or twice {split}",
    "conflicts": "number of texts left out because equal texts have different labels {split}",
    "unknown_tokens": "number of tokens outside the training vocabulary {split}",
    "vocabulary": "size of the vocabulary of the training split",
    "mean_length": "mean number of tokens of a test example",
    # a sample of examples, token by token
    "token_attention": "attention of one token {position, token, predicted, label}",
    "token_pointwise_mi": "pointwise MI of one token and the predicted class {position, token, predicted, label}",
    "token_attribution": "attribution of one token {position, token, predicted, label, attribution}",
    "token_marked": "share of the people who marked one token {position, token, predicted, label}",
    # interventions
    "predicted_probability": "mean probability of the class that the intact model predicts",
    "decision_flips": "share of examples whose predicted class is no longer the intact model's",
    "comprehensiveness": "mean fall of the predicted probability when the first tokens are erased {order}",
    "sufficiency": "mean fall of the predicted probability when only the first tokens are kept {order}",
    "decision_flip_fraction": "mean share of tokens erased in order before the decision changes {order}",
    "attention_divergence": "mean Jensen-Shannon divergence of an example's attention from the intact one",
    # comparisons
    "intraclass_correlation": "correlation of two values of one cluster {design_effect}",
    "variance_component": "what a factor adds to the variance of a value {component, share}",
    "effect_size": "standardised difference, or probability of superiority {measure}",
    "mean_effect": "mean effect over studies, by random effects {i2, q, q_pvalue}",
    "heterogeneity": "variance of the true effects between studies",
    "partial_conjunction": "test that the effect holds in at least some number of data sets {at_least}",
    "lead": "mean of a condition minus the best of the others {condition}",
    "rank": "place of a condition by its mean, 1 being the highest {condition}",
    "mean_rank": "mean over blocks of a condition's rank {condition, critical_difference}",
    # the findings
    "contrast": "one declared hypothesis of a finding {hypothesis, claim, estimand, margin, ...}",
    "contrast_by_training": "a primary claim where the models were trained otherwise, with its own verdict",
    "estimate": "an estimate that qualifies a finding and decides nothing {estimate, estimand, ...}",
    "specification": "a primary claim asked in another way {hypothesis, measure, agrees, by_construction, ...}",
    "finding": "verdict on a finding as a whole {title, rule, note}",
    # the run
    "configuration": "the whole study as TOML text {toml}",
    "metadata": "what else is known of a trace, beside the key columns {its names}",
    "version": "version of a package that took part {package, version}",
    "dataset": "where a data set comes from {licence, citation}",
    "failure": "a cell that failed {error}",
    "unfinished": "models done of a data set that took no part, since not all of its n were",
    "not_estimated": "an estimate beside the first one, or at a checkpoint, that the sample does not allow {error}",
}
