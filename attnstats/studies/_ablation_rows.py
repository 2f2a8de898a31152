"""Rows of the results frame for the result of an ablation test."""

from attnstats.ablation import AblationResult
from attnstats.frame import Row, encode_parameters

__all__ = ["ablation_result_rows"]


def ablation_result_rows(result: AblationResult) -> list[Row]:
    """Return the row of the difference, and that of the equivalence test where there is one.

    Examples
    --------
    >>> from attnstats.ablation import ablation_test
    >>> intact, ablated = [0.31, 0.29, 0.33, 0.28, 0.3, 0.27, 0.32, 0.3], [0.1, 0.12, 0.09, 0.11, 0.08, 0.1, 0.11, 0.09]
    >>> result = ablation_test(intact, ablated, margin=0.05, ablation="uniform")
    >>> [(row.quantity, row.ablation, row.alternative) for row in ablation_result_rows(result)]
    [('contrast', 'uniform', 'two-sided'), ('contrast', 'uniform', 'equivalence')]
    """
    about = encode_parameters(outcome=result.outcome, null_value=result.null_value)
    keys = {"ablation": result.ablation, "n_seeds": result.n_seeds}
    rows = [Row.of(result.difference, parameters=about, undefined=result.n_undefined, **keys)]
    if result.equivalence is not None:
        margin = encode_parameters(outcome=result.outcome, margin=result.margin)
        rows.append(Row.of(result.equivalence, parameters=margin, **keys))
    return rows
