"""Worked examples of others, to the digits that they print."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata, t
from sklearn.datasets import make_moons
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold
from sklearn.svm import SVC

from attnstats.comparison import Bonferroni, five_by_two_cv_test
from attnstats.scores import compare, read_cv_results

#: Area under the curve of four variants of C4.5 on 14 data sets: Demšar 2006, Journal of Machine Learning Research 7,
#: 1-30, table 6. The ranks printed beside the data set voting, 2 and 3, tell two values apart that are printed alike.
VARIANTS = ("C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf")
DEMSAR = {
    "adult (sample)": (0.763, 0.768, 0.771, 0.798),
    "breast cancer": (0.599, 0.591, 0.590, 0.569),
    "breast cancer wisconsin": (0.954, 0.971, 0.968, 0.967),
    "cmc": (0.628, 0.661, 0.654, 0.657),
    "ionosphere": (0.882, 0.888, 0.886, 0.898),
    "iris": (0.936, 0.931, 0.916, 0.931),
    "liver disorders": (0.661, 0.668, 0.609, 0.685),
    "lung cancer": (0.583, 0.583, 0.563, 0.625),
    "lymphography": (0.775, 0.838, 0.866, 0.875),
    "mushroom": (1.000, 1.000, 1.000, 1.000),
    "primary tumor": (0.940, 0.962, 0.965, 0.962),
    "rheum": (0.619, 0.666, 0.614, 0.669),
    "voting": (0.972, 0.981, 0.97501, 0.975),
    "wine": (0.957, 0.978, 0.946, 0.970),
}


def demsar():
    cells = [(task, name, auc) for task, row in DEMSAR.items() for name, auc in zip(VARIANTS, row, strict=True)]
    return pd.DataFrame(cells, columns=["task", "variant", "auc"])


@pytest.mark.parametrize(("level", "distance"), [(0.95, 1.25), (0.90, 1.12)])
def test_demsars_variants_of_c45_over_14_data_sets(level, distance):
    # Section 3.2.2 prints the mean ranks of table 6, and the distances of Nemenyi's test at .05 and .10.
    found = compare(demsar(), value="auc", condition="variant", dataset="task", confidence_level=level)
    nemenyi, names = found.ranks_over_datasets.nemenyi, found.design.conditions
    ranks = dict(zip(names, np.round(nemenyi.mean_ranks, 3).tolist(), strict=True))
    assert ranks == {"C4.5": 3.143, "C4.5+m": 2.000, "C4.5+cf": 2.893, "C4.5+m+cf": 1.964}
    assert round(nemenyi.critical_difference, 2) == distance
    # At .10 C4.5 differs from C4.5+m and from C4.5+m+cf, by 1.143 and 1.179 ranks; at .05 no two variants do.
    apart = {(names[i], names[j]) for i in range(4) for j in range(i + 1, 4) if nemenyi.pvalues[i][j] < 1 - level}
    assert apart == ({("C4.5", "C4.5+m"), ("C4.5", "C4.5+m+cf")} if level == 0.90 else set())


def test_demsars_friedman_statistics():
    # Printed: χ² = 9.28 of the formula without a correction for ties, and Iman and Davenport's F = 3.69. Ours corrects
    # χ² for the ties of three data sets, by the variance of their ranks.
    found = compare(demsar(), value="auc", condition="variant", dataset="task").ranks_over_datasets.friedman
    ranks = np.array([rankdata(np.negative(row)) for row in DEMSAR.values()])
    uncorrected = found.statistic * (ranks - 2.5).var() / (15 / 12)
    assert round(uncorrected, 2) == 9.28
    assert round(13 * uncorrected / (14 * 3 - uncorrected), 2) == 3.69


@pytest.mark.slow
def test_corrected_t_tests_of_scikit_learns_documentation():
    # "Statistical comparison of models using grid search" prints t and six times the one-sided p of each pair; the
    # two-sided p-values here are twice as large.
    printed = {
        ("rbf", "linear"): (0.750, 1.000),
        ("rbf", "3_poly"): (1.657, 0.302),
        ("rbf", "2_poly"): (4.565, 0.000),
        ("linear", "3_poly"): (1.111, 0.807),
        ("linear", "2_poly"): (4.276, 0.000),
        ("3_poly", "2_poly"): (3.851, 0.001),
    }
    x, y = make_moons(noise=0.352, random_state=1, n_samples=100)
    kernels = [{"kernel": ["linear"]}, {"kernel": ["poly"], "degree": [2, 3]}, {"kernel": ["rbf"]}]
    cv = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    search = GridSearchCV(SVC(random_state=0), kernels, scoring="roc_auc", cv=cv, refit=False).fit(x, y)
    table = read_cv_results(search.cv_results_)
    names = {"kernel='linear'": "linear", "kernel='rbf'": "rbf"}
    names |= {f"degree={n}, kernel='poly'": f"{n}_poly" for n in (2, 3)}
    table["candidate"] = table["candidate"].map(names)
    found = compare(table, value="value", condition="candidate", fold="fold", test_share=0.1, correction=Bonferroni())
    assert len(found.differences) == 6
    for each in found.differences:
        pair = (each.first, each.second)
        sign = 1 if pair in printed else -1
        statistic, pvalue = printed[pair[::sign]]
        width = (each.interval.high - each.interval.low) / 2
        error = width / t.ppf(0.975, 99)
        assert round(sign * each.difference / error, 3) == statistic
        assert each.n == 100
        assert round(min(1.0, 6 * each.pvalue / 2), 3) == pvalue
        assert each.adjusted_pvalue == pytest.approx(min(1.0, 6 * each.pvalue))


#: Irises of 75 that classifiers put right in the ten halves of the documentation of mlxtend's combined_ftest_5x2cv:
#: repetition i splits the 150 of `load_iris` by ``train_test_split(x, y, test_size=0.5, random_state=r)`` with the i-th
#: r of ``RandomState(1).randint(0, 32767)``; the second half is tested on first. What is printed there is that of
#: logistic regression one class against the rest (liblinear), which was the default then, here with scikit-learn 1.9:
#: the default of today, multinomial, gives F = 1.095 and 68.404.
IRISES = {
    "logistic": ((68, 71), (72, 68), (69, 72), (70, 68), (73, 65)),
    "tree": ((71, 73), (71, 71), (71, 72), (71, 70), (71, 67)),
    "stump": ((47, 47), (48, 49), (47, 41), (48, 47), (48, 46)),
}


@pytest.mark.parametrize(("other", "statistic", "pvalue"), [("tree", 1.053, 0.509), ("stump", 34.934, 0.001)])
def test_alpaydins_f_of_mlxtends_documentation(other, statistic, pvalue):
    ours, theirs = (np.array(IRISES[name]) / 75 for name in ("logistic", other))
    cells = [
        (name, repetition, fold, IRISES[name][repetition][fold] / 75)
        for name in ("logistic", other)
        for repetition in range(5)
        for fold in range(2)
    ]
    table = pd.DataFrame(cells, columns=["classifier", "repetition", "half", "accuracy"]).sample(frac=1, random_state=0)
    found = compare(table, value="accuracy", condition="classifier", seed="repetition", fold="half")
    (beside,) = found.differences[0].beside
    for result in (beside, five_by_two_cv_test(ours, theirs)):
        assert (round(result.statistic, 3), round(result.pvalue, 3)) == (statistic, pvalue)


@pytest.mark.parametrize(
    ("table", "mid_p", "low", "high", "digits"),
    [
        # Fagerland, Lydersen and Laake 2013, BMC Medical Research Methodology 13, 91 (mid-p), and 2014, Statistics in
        # Medicine 33, 2850-2875 (Tango's intervals): airway hyper-responsiveness, and complete response.
        ((1, 1, 7, 12), 0.0391, -0.517, -0.026, 3),
        ((59, 6, 16, 80), 0.0347, -0.1240, -0.0054, 4),
    ],
)
def test_mcnemars_mid_p_and_tangos_interval(table, mid_p, low, high, digits):
    both, first, second, neither = table
    before = np.repeat([1, 1, 0, 0], (both, first, second, neither))
    after = np.repeat([1, 0, 1, 0], (both, first, second, neither))
    patients = np.arange(len(before))
    scores = pd.DataFrame(
        {
            "when": ["1 before"] * len(before) + ["2 after"] * len(after),
            "patient": [*patients, *patients],
            "response": [*before, *after],
        }
    )
    (found,) = compare(scores, value="response", condition="when", example="patient").differences
    assert found.difference == pytest.approx((first - second) / sum(table))
    assert round(found.pvalue, 4) == mid_p
    assert np.round([found.interval.low, found.interval.high], digits).tolist() == [low, high]
