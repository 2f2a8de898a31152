"""What people bring: for each kind of argument, the good values and the bad ones, as text in the words of `vocabulary`.

A `Kind` knows how an argument of its kind is written for samples of length n. An argument of data has two texts: as it
was brought, and the plain array of equal values, where there is one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from hypothesis import strategies as st


class Argument(NamedTuple):
    """An argument as text: as brought, and plain (the same text where there is no other form)."""

    brought: str
    plain: str


@dataclass(frozen=True)
class Kind:
    """A kind of argument.

    Parameters
    ----------
    good : callable
        Takes n and returns the strategy of texts that such an argument may well be.
    bad : strategy
        Texts that it must not be, or only by luck.
    carried : bool
        Whether it is data, which come in any container and dtype.
    """

    good: Callable[[int], st.SearchStrategy[str]]
    bad: st.SearchStrategy[str]
    carried: bool = False


SEEDS = st.integers(0, 9)


def texts(listed: str) -> tuple[str, ...]:
    """The texts of a list whose entries end in a semicolon or with the line."""
    return tuple(each.strip() for each in listed.replace(";", "\n").splitlines() if each.strip())


#: Equal values in another form, which a door takes where it takes the plain array.
FORMS = (
    *texts("""
        as_list({}); as_tuple({}); fortran({}); backwards({}); strided({}); read_only({}); swapped({}); as_objects({})
        unmasked({}); arrow({}); polars({}); series({}); series({}, "numpy_nullable"); series({}, "pyarrow")
        torch({}); torch({}, "float16"); torch({}, "bfloat16"); torch({}, "float32")
    """),
    *(f'retyped({{}}, "{dtype}")' for dtype in ("bool", "float16", "float32", "longdouble")),
    *(f'retyped({{}}, "{sign}int{bits}")' for sign in ("", "u") for bits in (8, 16, 32, 64)),
)
#: Data with something wrong: a missing value, another length, another number of dimensions, another sort of thing.
SPOILT = texts("""
    with_value({}, np.nan, 3); with_value({}, np.inf, 2); with_value({}, -np.inf, 1); with_value({}, None, 0)
    with_value({}, "", 1); with_value({}, "12", 1); with_value({}, pd.NA, 2); masked({}, 2); nullable({}, 1)
    ({}) * np.nan; np.repeat({}, 2, axis=-1)
    ({})[:-1]; ({})[:1]; ({})[:0]; ({})[np.newaxis]; np.stack([{}] * 2); np.stack([[{}] * 2] * 2)
    dates({}, False); dates({}, True); np.datetime64("2026") - dates({}, False); ({}) + 1j; ({}).astype(str)
    ({}).astype(bytes); pd.Categorical(({}).ravel()); record({}); mixed_frame({}); ragged({})
    list({})[:-1] + [[1.0, 2.0]]; sparse({}); with_gradient({}); generated({});
    iter(({}).tolist()); set(({}).ravel().tolist())
    dict(enumerate(({}).tolist())); [Decimal(each) for each in ({}).ravel().astype(int).tolist()]
    as_list({})[::-1] + [10**400]; ({}).astype("float32") * np.float32(1e30)
""")
#: What is no data at all.
JUNK = texts("""
    None; 3; 2.5; True; 1j; 10**400; np.nan; "abc"; ""; b"abc"; bytearray(b"abc"); memoryview(b"abcdef"); ...; object()
    []; (); [[]]; {}; set(); [1.0]; [[1.0]]; [1.0, 2.0]; [None]; ["a", 1, None];
    [object()] * 5; [np.nan] * 5; nested(70)
    np.zeros(0); np.zeros((0, 3)); np.zeros((3, 0)); np.zeros((2, 3, 4, 5)); np.array(3.0); np.float64(3.0); range(5)
    pd.NA; pd.NaT; pd.DataFrame(); pd.Series(dtype=float); np.ma.masked; Decimal("1.5"); Fraction(1, 3)
    lambda: 0; np; int; NotImplemented
""")
junk = st.sampled_from(JUNK)


def _shaped(shape: tuple[int | str, ...], n: int) -> str:
    return "(" + "".join(f"{n if each == 'n' else each}, " for each in shape).removesuffix(" ") + ")"


def data(*shape: int | str, of: str | None = None) -> Kind:
    """Real numbers of a shape, in which "n" stands for the number of samples; `of` is another word for the values."""

    def good(n: int) -> st.SearchStrategy[str]:
        where = _shaped(shape, n)
        words = [of] if of else ["normal", "normal", "smooth", "tied", "whole", "skewed", "flags", "constant"]
        usual = st.builds(lambda word, seed: f"{word}({where}, {seed})", st.sampled_from(words), SEEDS)
        if of:
            return usual
        sizes = st.sampled_from(["1e300", "1e160", "1e-160", "1e-300", "1e-320"])
        dtypes = st.sampled_from(["int8", "uint8", "int32", "int64", "uint64", "float16", "float32", "float64"])
        return st.one_of(
            usual,
            usual,
            usual,
            usual.map(lambda values: f"copied({values})"),
            st.builds(lambda seed, size: f"scaled({where}, {seed}, {size})", SEEDS, sizes),
            st.builds(lambda seed, by: f"offset({where}, {seed}, {by})", SEEDS, st.sampled_from(["1e8", "-1e15"])),
            st.builds(lambda seed, dtype: f'limits({where}, {seed}, "{dtype}")', SEEDS, dtypes),
            st.builds(lambda seed: f"spread({where}, {seed})", SEEDS),
        )

    return Kind(good, junk, carried=True)


def tables(*shape: int) -> Kind:
    """Runs and items, also with cells missing, and one table for each of several data sets."""
    whole = data(*shape)

    def good(n: int) -> st.SearchStrategy[str]:
        full = whole.good(n)
        some = st.one_of(full, full, st.builds("with_value({}, np.nan, {})".format, full, SEEDS))
        return st.one_of(full, full, some, st.builds("({}, {})".format, some, some))

    return Kind(good, whole.bad, carried=True)


def labels(*, several: int = 3) -> Kind:
    """Classes: text, whole numbers or flags."""

    def good(n: int) -> st.SearchStrategy[str]:
        codes = st.just(f"np.resize(np.arange({several}), {n})")
        names = st.sampled_from(["words", "flags", "tied", "whole", "constant"])
        return codes | st.builds(lambda name, seed: f"{name}(({n},), {seed})", names, SEEDS)

    return Kind(good, junk, carried=True)


def per_sample(*texts: str) -> Kind:
    """One of a few objects, written out, in which {n} stands for the number of samples."""
    return Kind(lambda n: st.sampled_from([each.format(n=n) for each in texts]), junk)


def choice(*good: str, bad: str = "") -> Kind:
    """One of a few objects, written out."""
    wrong = bad or "None; 3; True; np.nan; 1e300; 'abc'; b'a'; object(); []; {}; np.zeros(3); int; KSG"
    return Kind(lambda _: st.sampled_from(good), st.sampled_from(texts(wrong)))


def count(*good: str) -> Kind:
    """A whole number of something. One that is only too large is not wrong, so none here would fill the memory."""
    return choice(
        *good,
        bad="""0; -1; True; 2.5; np.float64(3.0); np.int8(3); Fraction(7, 2); 1j; 10**400; np.nan; np.inf; pd.NA; None
        "3"; [3]; {}; np.array(3); np.array([3, 4])""",
    )


def number(*good: str) -> Kind:
    """A real number, such as a level or a margin."""
    return choice(
        *good,
        bad="""0; 1; 2; -0.5; True; np.float16(0.9); Fraction(1, 2); Decimal("0.5"); 1e-320; 1e300; 10**400; 1j; np.nan
        np.inf; pd.NA; None; "0.95"; [0.9]; {}; np.array(0.5); np.array([0.9, 0.8])""",
    )


def sequence(*good: str) -> Kind:
    """A few numbers, names or objects in a row."""
    return choice(
        *good,
        bad="""None; 3; 1.0; "abc"; (); []; (0,); (-1,); (2.5,); (1, 1); (99, 1); [2.0, 1.0]; (np.nan,)
        (10**400,); (1j,); (None,); ("a",); [[1], [2, 3]]; [{1}, {1}]; {1, 2}; iter([1]);
        np.zeros((2, 2)); [object()]""",
    )


def matrix(*good: str) -> Kind:
    """A square matrix, such as a covariance."""
    return choice(
        *good,
        bad="""None; 3; "a"; []; [[1, 2], [3]]; [[1, 2], [3, 1]]; np.zeros((0, 0)); np.eye(1); np.ones((2, 2))
        -np.eye(2); np.ones((3, 2, 2)); np.eye(2) * 1e300; np.eye(2) * 1e-300;
        np.eye(2) * 1j; np.full((2, 2), np.nan)""",
    )


def callback(*good: str) -> Kind:
    """A function of the caller's own; what it raises itself is not for us to judge, so none here raises."""
    return choice(
        *good, bad="None; 3; 'a'; object(); lambda *_: 'a'; lambda *_: np.nan; lambda *_: None; lambda *_: [1, 2]"
    )


def text(*good: str) -> Kind:
    """A name."""
    return choice(*map(repr, good), bad="""None; 3; np.nan; b"abc"; ""; "\\ud800"; ["abc"]; {}; object()""")


FLAG = choice("True", "False", bad="2; None; np.nan; 'yes'; [True]; np.array([True, False]); object()")
JOBS = choice("None", "1", bad="0; '2'; 2.5; True; [1]; np.nan; 10**400")
SEED = choice(
    *texts("0; 1; np.random.default_rng(3); np.random.SeedSequence(3)"),
    bad="-1; '0'; 2.5; True; [1, 2]; [-1]; np.nan; 10**400; object(); np.random.RandomState(0)",
)
ALTERNATIVE = choice(
    *texts("'two-sided'; 'less'; 'greater'"),
    bad="None; 3; np.nan; 'two_sided'; ''; b'less'; ['less']; np.array(['less', 'greater']); {}",
)
MASK = Kind(
    lambda n: st.sampled_from(
        ["None", f"np.ones(({n}, 5), dtype=bool)", *(f"flags(({n}, 5), {seed})" for seed in range(5))]
    ),
    st.sampled_from([*JUNK, *texts("np.ones((3, 5)); whole((3, 5), 1); np.ones((3, 5), dtype=bool); flags((5,), 1)")]),
)
FRAME = choice(
    *texts("study(); study(); frame(3, 1); frame(0, 1); frame(1, 2)"),
    bad="""None; 3; "abc"; []; pd.DataFrame(); pd.Series([1.0]); frame(3, 1).to_dict(); frame(3, 1).to_numpy()
    frame(3, 1).drop(columns="quantity"); frame(3, 1).astype(object); pd.concat([frame(3, 1)] * 2)
    frame(3, 1).iloc[::-1]; frame(3, 1).assign(value="x"); frame(3, 1).assign(value=np.inf)
    frame(3, 1).assign(value=np.nan); frame(3, 1).assign(quantity=pd.NA); frame(3, 1).assign(parameters="{")
    frame(3, 1).assign(seed=pd.NA)
    frame(3, 1).assign(pvalue=2.0); frame(3, 1).assign(ci_low=9.0); frame(3, 1).set_index("quantity")
    study().iloc[::-1]; study().assign(value=np.inf); study().assign(parameters=pd.NA); study().assign(quantity="mi")
    study().head(40); study().sample(frac=0.3, random_state=0); study().assign(dataset=pd.NA);
    study().assign(parameters="{}")""",
)


def argument(draw: st.DrawFn, kind: Kind, n: int, *, spoilt: bool) -> Argument:
    """Draw one argument, good or spoilt."""
    if spoilt:
        wrong = draw(_spoilt(kind, n))
        return Argument(wrong, wrong)
    plain = draw(_good(kind, n))
    if kind.carried and not plain.startswith("(") and draw(_EVENS):  # several arrays have no other form
        return Argument(draw(_FORM).format(plain), plain)
    return Argument(plain, plain)


# Hypothesis takes longer to make a strategy than to draw from it, so each is made once.
_EVENS, _FORM, _SPOIL = st.booleans(), st.sampled_from(FORMS), st.sampled_from(SPOILT)


@cache
def _good(kind: Kind, n: int) -> st.SearchStrategy[str]:
    return kind.good(n)


@cache
def _spoilt(kind: Kind, n: int) -> st.SearchStrategy[str]:
    if not kind.carried:
        return kind.bad
    spoilt = st.builds(str.format, _SPOIL, _good(kind, n))
    return st.one_of(spoilt, spoilt, kind.bad)
