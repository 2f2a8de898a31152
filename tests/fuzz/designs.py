"""Designs of every kind: a table, the columns that tell of it, and what is changed in it, a line of Python each."""

from hypothesis import strategies as st

from tests.fuzz.changes import TYPES
from tests.fuzz.score_tables import SPOILT_TABLES, VARIED, filled
from tests.fuzz.strategies import Kind, texts

_FEW, _MORE = (2, 3, 5, 8), (2, 3, 6, 12, 30)
#: Runs, tasks and items that there may be, and the keywords that name their columns.
_DESIGNS = (
    (_FEW, (1,), _MORE, texts("seed='run', example='item'; seed='run', example='item', group='topic'")),
    (
        _FEW,
        (1,),
        _MORE,
        texts("subject='run', example='item'; block='run', example='item'; subject='item', seed='run'"),
    ),
    (_FEW, (1,), (1,), texts("seed='run'; subject='run'; block='run'; fold='run'; example='run'; dataset='run'")),
    ((1,), (1,), _MORE, ("", *texts("example='item'; example='item', group='topic'; fold='item'; group='topic'"))),
    ((1,), (1,), _MORE, texts("subject='item'; fold='item', test_share=0.1; example='item', group='split'")),
    ((1,), (1,), _MORE, texts("block='split', example='item'; example='item', seed='run'")),
    (_FEW, (1,), (2, 3, 5), texts("seed='run', fold='item'; subject='run', fold='item'; seed='run', group='topic'")),
    ((5,), (1,), (2,), texts("seed='run', fold='item'; seed='run', example='item'")),
    (_FEW, (2, 3, 5), (2, 3, 6), texts("seed='run', example='item', dataset='task'; seed='run', dataset='task'")),
    (
        _FEW,
        (2, 3),
        (2, 4),
        texts("block='run', dataset='task', example='item'; seed='run', dataset='task', fold='item'"),
    ),
    (_FEW, (2, 3), (2, 4), texts("seed='run', example='item', dataset='task', group='topic'")),
    ((1,), (2, 3, 5), _MORE, texts("example='item', dataset='task'; dataset='task', group='topic', example='item'")),
    ((1,), (2, 3, 5), _MORE, texts("fold='item', dataset='task'; dataset='task', subject='item'; dataset='task'")),
    ((1,), (2, 3, 5), _MORE, texts("example='item', block='task'")),
)
#: Designs of one score for each run and task.
_FLAT = texts("""
    seed='run', dataset='task'; subject='run', dataset='task'; dataset='task', seed='run', block='task'; seed='run'
    dataset='task'
""")
_MODELS, _RUNS, _TASKS = st.sampled_from((2, 2, 3, 5)), st.sampled_from(_FEW), st.sampled_from((1, 2, 3, 5))
_SEEDS, _EVERY_TENTH = st.integers(0, 9), st.integers(0, 9)
_RULES = (
    "",
    *texts("""
    margin=0.2; margin=0.05, reference='m1'; reference='m0'; lower_is_better=True; confidence_level=0.9
    paired=False; margin=0.3, paired=False; correction=BenjaminiHochberg(); missing=CompleteCases()
"""),
)
_CHANGES = (
    *texts("again(); rows(1); rows(2); times(0.5); times(4.0); times(2.0**-30); plus(2.0); plus(-0.5); turned()"),
    *(f'typed("{column}", "{dtype}")' for column in ("run", "item", "task", "topic") for dtype in TYPES),
    *(f'typed("{column}", "{dtype}")' for column in ("run", "item") for dtype in ("Int64", "uint8", "int64[pyarrow]")),
    *(f'typed("{column}", "{dtype}")' for column in ("run", "item") for dtype in ("string", "string[pyarrow]")),
    *(f"within({name})" for name in ("in_polars", "in_arrow", "in_narwhals", "in_dictionaries", "categories")),
    *(f"within({name})" for name in ("in_categories_of_polars", "with_index")),
)
#: Ways to spoil labels, or a table as a whole.
_SPOILT = texts("""
    lazily({}); with_duplicates({}); with_levels({}); ({}).to_records(); ({}).to_dict("records"); ({}).T
    ({}).iloc[:, 0]
    ({}).groupby("model"); iter([{}]); [{}]; ({}).rename(columns=dict(run=3)); ({}).rename(columns=dict(run=None))
    cell({}, "run", None, 3); cell({}, "item", np.nan, 3); cell({}, "task", pd.NA, 3); cell({}, "model", pd.NaT, 3)
    cell({}, "run", True, 1); cell({}, "item", [1], 1); cell({}, "model", 3, 1); cell({}, "task", "T0 ", 1)
    cell({}, "run", 1.5, 2); cell({}, "score", "0.5", 2); cell({}, "score", pd.NA, 1); cell({}, "score", True, 1)
    cell({}, "score", decimal.Decimal("0.25"), 1); cell({}, "score", "", 1); cell({}, "score", pd.NaT, 1)
    cell({}, "model", "average", 1); cell({}, "item", -1, 1); cell({}, "model", "m0\\n", 1)
    cell({}, "model", "\\u200b", 1)
    ({}).assign(run=[[1]] * len({})); ({}).assign(model="m0"); ({}).assign(item=({})["run"]); ({}).assign(score="0.5")
    ({}).assign(score=pd.Timedelta(days=1)); ({}).assign(score=1j); ({}).assign(score=({})["score"] > 0.5)
    ({}).assign(score=pd.array([None] * len({}), dtype="Float64")); in_polars({}).with_columns(run=pl.lit(None))
    in_arrow(({}).convert_dtypes()); ({}).assign(model=pd.Series(pd.Categorical([None] * len({})), index=({}).index))
    ({}).convert_dtypes(dtype_backend="pyarrow"); ({}).astype(dict(score="float16")); ({}).astype(dict(score="object"))
    ({}).assign(score=pd.arrays.SparseArray(({})["score"])); in_polars(({}).assign(score=np.nan))
    ({})[["model", "score"]]; with_nested({}, "run", "pandas"); with_nested({}, "item", "polars")
    with_nested({}, "model", "arrow"); with_nested({}, "score", "polars"); with_nested({}, "score", "pandas")
""")


@st.composite
def _designed(draw: st.DrawFn, spoil: bool = False) -> str:
    """A table of a design in words, its keywords, and a change."""
    models, seed = draw(_MODELS), draw(_SEEDS)
    runs, tasks, items, columns = draw(st.sampled_from(_DESIGNS))
    sizes = ", ".join(str(draw(st.sampled_from(each))) for each in (runs, tasks, items))
    table, column = f"scores({models}, {sizes}, {seed})", draw(st.sampled_from(columns))
    if draw(_EVERY_TENTH) == 0:
        table = f"flat(scores({models}, {draw(_RUNS)}, {draw(_TASKS)}, 1, {seed}))"
        column = draw(st.sampled_from(_FLAT))
    word = draw(_WORDS)
    table, change = filled(word, table), draw(_CHANGE)
    if spoil and "in_" not in word:  # which are for tables of pandas
        table, change = filled(draw(_SPOIL), table), "again()"
    elif any(each in word for each in ("in_", "1e300", "1e-300", "1e12")):  # of no pandas, or rounded by what is added
        change = "again()"
    keywords = ", ".join(filter(None, (column, draw(_RULE))))
    if draw(_EVERY_TENTH) == 0 and not spoil and "in_" not in table:
        table, keywords = f"per_cent({table})", ", ".join(filter(None, ("value='accuracy'", keywords)))
    return f"({table}, dict({keywords}), {change})"


_WORDS, _CHANGE, _RULE = map(st.sampled_from, (VARIED, _CHANGES, _RULES))
_SPOIL = st.sampled_from((*_SPOILT, *SPOILT_TABLES))
DESIGNED = Kind(lambda _: _designed(), _designed(spoil=True))
