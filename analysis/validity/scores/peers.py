"""What others say of the same long tables: tests that take cells for units, mixed models, autorank, scikit-posthocs."""

import contextlib
import io
import logging
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import ttest_ind, ttest_rel

from attnstats.comparison.binary.mcnemar import mcnemar_pvalue

#: Returns the p-value of the first two conditions of a long table.
Peer = Callable[[pd.DataFrame], float]


def wide(table: pd.DataFrame, by: list[str]) -> np.ndarray:
    """Return a row for each condition and a column for each combination of labels that all of them have."""
    labels = [table[each].to_numpy() for each in by]
    places = np.ravel_multi_index(labels, [int(each.max()) + 1 for each in labels])
    shape = int(table["model"].max()) + 1, int(places.max()) + 1
    cells = np.ravel_multi_index((table["model"].to_numpy(), places), shape)
    sums, counts = (
        np.bincount(cells, weights, shape[0] * shape[1]).reshape(shape) for weights in (table["score"], None)
    )
    there = (counts > 0).all(axis=0)
    return np.asarray(sums[:, there] / counts[:, there])


def naive_t(table: pd.DataFrame) -> float:
    """Naive t over all cells: paired where the conditions share every label, else Welch's."""
    labels = [each for each in table if each not in ("model", "score")]
    return _t(table, labels)


def unit_means_t(table: pd.DataFrame) -> float:
    """The t test over the means of runs."""
    return _t(table, ["run"])


def independent_t(table: pd.DataFrame) -> float:
    """Welch's t over all cells."""
    first, second = _first_two(table)
    return float(ttest_ind(first, second, equal_var=False).pvalue)


def independent_unit_means_t(table: pd.DataFrame) -> float:
    """Welch's t over the means of runs."""
    return independent_t(table.groupby(["model", "run"], as_index=False)["score"].mean())


def clusters_ignored(table: pd.DataFrame) -> float:
    """McNemar's mid-p of scores of two values, else the paired t, over examples as if they were independent."""
    if table["score"].nunique() > 2:
        return _t(table, ["item"])
    pairs = wide(table, ["item"])
    first, second = int((pairs[0] > pairs[1]).sum()), int((pairs[0] < pairs[1]).sum())
    return mcnemar_pvalue(first, first + second, "two-sided", mid_p=True)


def mixed_lm(table: pd.DataFrame) -> float:
    """Return z's p of a condition in the mixed model of statsmodels with crossed intercepts of run and item."""
    from statsmodels.formula.api import mixedlm

    two = table[table["model"] < 2].assign(everything=1)
    crossed = {"run": "0 + C(run)", "item": "0 + C(item)"}
    model = mixedlm("score ~ C(model)", two, groups="everything", re_formula="0", vc_formula=crossed)
    return float(model.fit().pvalues["C(model)[T.1]"])


def autorank_of(by: list[str]) -> Peer:
    """Return autorank on a column for each condition and a row for each combination of labels."""

    def pvalue(table: pd.DataFrame) -> float:
        from autorank import autorank

        return float(autorank(pd.DataFrame(wide(table, by).T, columns=["a", "b"]), verbose=False).pvalue)

    return pvalue


def posthoc_t(table: pd.DataFrame) -> float:
    """The t tests of all pairs of scikit-posthocs, which take a column of scores and one of conditions."""
    from scikit_posthocs import posthoc_ttest

    return float(posthoc_ttest(table, val_col="score", group_col="model", equal_var=False, p_adjust="holm").loc[0, 1])


def said(peer: Peer, table: pd.DataFrame) -> float:
    """Return whether a peer finds a difference at 5 %; NaN where it gives no p-value or is not installed."""
    logging.disable(logging.WARNING)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            pvalue = peer(table)
        except (ImportError, ValueError, np.linalg.LinAlgError):
            return np.nan
        finally:
            logging.disable(logging.NOTSET)
    return np.nan if np.isnan(pvalue) else float(pvalue < 0.05)


def _first_two(table: pd.DataFrame) -> list[pd.Series]:
    return [table.loc[table["model"] == each, "score"] for each in (0, 1)]


def _t(table: pd.DataFrame, by: list[str]) -> float:
    pairs = wide(table, by)
    return float(ttest_rel(pairs[0], pairs[1]).pvalue)
