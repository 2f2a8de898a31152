"""Long tables of scores as people have them, in words: each table, and what is wrong in it, is one line of Python."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

from tests.fuzz.strategies import Kind, choice, number, sequence, texts

#: Columns of `scores`, and of what stands beside them.
COLUMNS = ("model", "run", "task", "item", "split", "topic", "score", "accuracy")


def scores(models: int, runs: int, tasks: int, items: int, seed: int) -> pd.DataFrame:
    """Scores of all combinations, with effects of each; tasks of several sizes, and topics of two items or three."""
    rng = np.random.default_rng(seed)
    cells = [
        (f"m{model}", run, f"t{task}", item)
        for model, run, task in product(range(models), range(runs), range(tasks))
        for item in range(items + task)
    ]
    table = pd.DataFrame(cells, columns=["model", "run", "task", "item"])
    effects = [rng.normal(size=50)[pd.factorize(table[column])[0] % 50] for column in table]
    value = sum(effects) + rng.normal(size=len(table))
    return table.assign(split=table["item"] % 3, topic=table["item"] // 2, score=np.round(1 / (1 + np.exp(-value)), 4))


def right(table: pd.DataFrame, share: float = 0.5) -> pd.DataFrame:
    """Zeros and ones, of which a share is one."""
    return table.assign(score=(table["score"].rank(pct=True) > 1 - share) * 1)


def counts(table: pd.DataFrame) -> pd.DataFrame:
    """Whole numbers from 0, many of them 0."""
    return table.assign(score=np.floor(np.maximum(40 * table["score"] - 15, 0)))


def with_outlier(table: pd.DataFrame, value: float) -> pd.DataFrame:
    return cell(table, "score", value, 4).astype({"score": float})


def rescaled(table: pd.DataFrame, factor: float, by: float = 0.0) -> pd.DataFrame:
    return table.assign(score=table["score"] * factor + by)


def ratings(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(score=(table["score"] * 5).astype(int) + 1)


def thinned(table: pd.DataFrame, share: float, seed: int) -> pd.DataFrame:
    """Without some of the rows."""
    return table[np.random.default_rng(seed).random(len(table)) >= share]


def own(table: pd.DataFrame, column: str, within: str = "model") -> pd.DataFrame:
    """With labels of one column told apart by another."""
    return table.assign(**{column: table[within].astype(str) + "/" + table[column].astype(str)})


def settled(table: pd.DataFrame, where: str, value: float = 1.0) -> pd.DataFrame:
    """With one score throughout where a condition on the columns holds."""
    return table.assign(score=table["score"].mask(table.eval(where), value))


def same(table: pd.DataFrame, by: float = 0.0) -> pd.DataFrame:
    """In which the first two models have the same scores, but for a number."""
    first = table[table["model"] == "m0"]
    return pd.concat([first, first.assign(model="m1", score=first["score"] + by), table[table["model"] > "m1"]])


def cell(table: pd.DataFrame, column: str, value: object, row: int) -> pd.DataFrame:
    """With another value in one cell."""
    if not len(table):
        return table
    changed = table.astype({column: object}) if column in table else table
    changed.iloc[row % len(changed), changed.columns.get_loc(column)] = value
    return changed


def shuffled(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    return table.sample(frac=1, random_state=seed)


def in_polars(table: pd.DataFrame) -> Any:
    return pl.from_pandas(table.reset_index(drop=True))


def in_arrow(table: pd.DataFrame) -> Any:
    return pa.Table.from_pandas(table, preserve_index=False)


_SEEDS = st.integers(0, 9)
_SIZES = st.tuples(
    st.sampled_from((2, 2, 3, 3, 4, 6)), st.sampled_from((1, 2, 3, 5)), st.sampled_from((1, 1, 2, 3)),
    st.sampled_from((1, 2, 3, 5, 9)), _SEEDS,
).map(lambda drawn: f"scores{drawn}")  # fmt: skip
#: What a table may well be.
VARIED = texts("""
    {}; {}; {}; right({}); right({}, 0.9); right({}, 0.99); rescaled({}, 100.0); rescaled({}, 7.0, -2.0); ratings({})
    rescaled({}, 1e300); rescaled({}, 1e-300); rescaled({}, 1e-3, 1e12); thinned({}, 0.05, 0); thinned({}, 0.3, 1)
    own({}, "run"); own({}, "item"); own({}, "run", "task"); own(own({}, "run"), "item"); own({}, "item", "run")
    settled({}, "task == 't0'"); settled({}, "model == 'm0'"); settled(right({}), "model != 'm1'"); same({})
    same({}, 0.25); settled({}, "run == 0", 0.5); settled(settled({}, "task == 't0'"), "model == 'm0'", 0.0)
    counts({}); with_outlier({}, 1e3); with_outlier({}, -1e150); ({}).round(1); rescaled({}, -3.0)
    shuffled({}, 0); in_polars({}); in_arrow({}); ({}).convert_dtypes(); ({}).astype(dict(model="category"))
""")
#: What is wrong in a table.
SPOILT_TABLES = texts("""
    cell({}, "score", np.nan, 3); cell({}, "score", np.inf, 2); cell({}, "score", "n/a", 1)
    cell({}, "score", 10**400, 1)
    cell({}, "score", None, 0); cell({}, "score", [0.5], 2); cell({}, "score", 1j, 2); cell({}, "model", None, 1)
    cell({}, "model", "M0 ", 1); cell({}, "run", "0", 2); cell({}, "item", 2.5, 0); cell({}, "task", "", 2)
    settled({}, "run >= 0"); ({}).assign(score="good"); ({}).assign(score=np.nan)
    ({}).assign(score=pd.Timestamp("2026"))
    pd.concat([{}] * 2); ({}).head(1); ({}).head(0); ({}).drop(columns="item"); ({}).set_index(["model", "run"])
    ({}).assign(run=({})["model"]); ({}).assign(topic=np.arange(len({})) % 5); ({}).to_dict("list"); ({}).to_numpy()
    ({})["score"]; ({}).rename(columns=dict(score="item")); settled({}, "model == 'm0'", np.nan)
    thinned({}, 0.7, 2); thinned({}, 0.95, 3)
""")


def filled(word: str, table: str) -> str:
    return word.replace("{}", table)


def _written(words: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.builds(filled, st.sampled_from(words), _SIZES)


def _twice(words: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Two words, the outer of tables in pandas."""
    inner = [each for each in words if not each.startswith("in_")]
    return st.builds(filled, st.sampled_from(words), _written(tuple(inner)))


_GOOD = st.one_of(_written(VARIED), _twice(VARIED))
_BAD = st.one_of(_written(SPOILT_TABLES), st.builds(filled, st.sampled_from(SPOILT_TABLES), _GOOD))
TABLE = Kind(lambda _: _GOOD, _BAD)


def column(*good: str) -> Kind:
    """The name of a column, or none."""
    return choice(*good, bad="""3; "abc"; ""; b"run"; ["run"]; np.nan; object(); "score"; "model" """)


_TABLE = {"value": column('"score"'), "condition": column('"model"')}
_FACTORS = {
    "seed": column('"run"', '"run"', '"run"', "None"),
    "example": column('"item"', '"item"', '"item"', "None"),
    "dataset": column('"task"', '"task"', "None"),
    "fold": column(*["None"] * 6, '"split"', '"item"'),
    "group": column(*["None"] * 6, '"topic"'),
    "subject": column(*["None"] * 8, '"run"'),
    "block": column(*["None"] * 8, '"task"'),
}
_READING = {
    "only": choice("None", "{'task': 't0'}", "{'split': '1', 'task': 't0'}", bad="{'metric': 'accuracy'}; 'accuracy'"),
    "sep": choice("None", bad="';'; 3"),
    "decimal": choice('"."', bad="','; 3; None"),
    "na": choice("()", bad="['NA']; 'NA'; 3; None; [1]"),
    "encoding": choice("None", bad="'utf-8'; 3"),
}
_DESIGN = {
    "kind": choice("None", "Continuous()", "Bounded()", "Binary()", "Count()", "Ordinal(1, 5)", "Bounded(0, 100)"),
    "paired": choice("None", "False", "True", bad="'yes'; 1; np.nan; []"),
}
_NO_SCORES = st.sampled_from(["None", "3", "[]", "scores(2, 2, 1, 2, 0)"])
_COMPARE = 'compare({}, value="score", condition="model", seed="run", example="item", dataset="task", margin=0.2)'
_READ = 'read_scores({}, value="score", condition="model", seed="run", example="item", dataset="task")'
_CV = "dict(params=[dict(C=1), dict(C=2)], split0_test_score={}, split1_test_score=[0.5, 0.7])"
_RUNS = "dict(a=dict(test_score={}), b=dict(test_score=[0.5, 0.7]))"
_ARRAYS = ("[0.6, 0.9]", "np.array([0.6, np.nan])", "[1, 2]", "np.ma.array([0.1, 0.2])")
_ODD_ENTRIES = (
    *(
        "'params': 5",
        "'params': ['{', '}']",
        "'params': [[1], 2]",
        "'iter': [0, 0]",
        "'iter': 3, 'n_resources': [1, 2]",
    ),
    *("'iter': [0, 1], 'n_resources': [5, 9]", "3: 4", "'b': {'fit_time': [1, 2]}", "'b': {'test_acc': [1, 0]}"),
    *(
        f"'a': {{'test_score': [0.5, 0.6], 'indices': {rows}}}, 'b': {{'test_score': [0.5, 0.7], 'indices': {rows}}}"
        for rows in (
            "{'train': [[0], [1]], 'test': [[1], [0]]}",
            "{'test': [[1], [0]]}",
            "{'train': 1, 'test': [0, 1]}",
        )
    ),
)
_NO_ARRAYS = ("['a', 'b']", "None", "[[0.6], [0.9]]", "0.5", "[1j, 2]", "[0.6]", "{}")


def _of(written: str) -> Kind:
    """A mapping in which some scores are good or bad."""
    good, wrong = ([filled(written, each) for each in arrays] for arrays in (_ARRAYS, _NO_ARRAYS))
    odd = [f"{{**{good[0]}, {each}}}" for each in _ODD_ENTRIES]
    return choice(
        *good, bad="; ".join([*wrong, *odd, "None", "3", "[]", "{}", "{'params': []}", "{'a': None}", "{1: {2: 3}}"])
    )


_SCORES = Kind(lambda _: _GOOD.map(lambda table: filled(_READ, table)), _NO_SCORES)
#: By door.
SCORES: dict[str, dict[str, Kind]] = {
    "compare": {
        **_TABLE, **_FACTORS, **_READING, **_DESIGN, "scores": TABLE,
        "reference": choice("None", "None", '"m0"', '"m1"', bad="'m9'; 0; ['m0']; np.nan; True"),
        "margin": number("None", "0.05", "0.2", "3.0"),
        "lower_is_better": choice("False", "True", bad="2; None; 'yes'; np.array([True, False])"),
        "correction": choice(
            *("Holm()", "Hochberg()", "Hommel()", "Bonferroni()", "BenjaminiHochberg()", "BenjaminiYekutieli()"),
            bad="None; 3; 'holm'; Holm; MaxT(); []",
        ),
        "test_share": number("None", "None", "0.1"),
    },
    "read_scores": {**_TABLE, **_FACTORS, **_READING, "scores": TABLE},
    "find_design": {**_DESIGN, "scores": _SCORES},
    "interquartile_mean": {"scores": _SCORES},
    "performance_profile": {
        "scores": _SCORES,
        "thresholds": sequence("None", "(0.25, 0.5)", "np.linspace(-1, 1, 5)"),
        "simultaneous": choice("True", "False", bad="2; None; 'yes'; [True]"),
    },
    "plan_comparison": {
        "comparison": Kind(lambda _: _GOOD.map(lambda table: filled(_COMPARE, table)), _NO_SCORES),
        "difference": number("None", "0.05", "0.3"),
        "power": number("0.8", "0.95"),
        "assurance": number("0.8", "0.5"),
    },
    "read_cv_results": {"results": _of(_CV)},
    "read_cross_validate": {"runs": _of(_RUNS)},
}  # fmt: skip
