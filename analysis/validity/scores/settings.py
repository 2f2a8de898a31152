"""The settings in which the whole call is simulated: every design, with what makes it hard."""

from analysis.validity.scores.designs import Design, Folds, Grid
from attnstats.results import plural

CROSSED, INDEPENDENT = "CrossedAnova", "IndependentCrossedAnova"
_ANSWERS = {
    CROSSED: "crossed analysis of variance over {unit} and",
    INDEPENDENT: "crossed analysis of variance over independent {unit} and",
    "PairedT": "paired t test over {unit}",
    "WelchT": "Welch's t test over {unit}",
    "PairedProportions": "McNemar's mid-p test over {unit}",
    "IndependentProportions": "score test of two proportions over {unit}",
    "ClusterRobust": "cluster-robust t test (CR2) over {unit}",
}
#: What columns hold, in the words of the settings.
_WORDS = {"item": "examples", "task": "data sets"}
_BOTH = {"seed": "run", "example": "item"}


def _grid(setting: str, analysis: str, unit: str, columns: dict[str, str], **rest: object) -> Grid:
    """Return a design; what is out of the ordinary joins its name."""
    values, k = str(rest.get("values", "normal")), rest.get("n_conditions", 2)
    parts = [setting]
    if rest.get("n_units", 1) != 1 and "effects" in rest:
        parts.append(str(rest["effects"]).replace("units", _WORDS.get(unit, plural(unit))))
    if values != "normal":
        parts.append("skewed" if values == "skewed" else f"right at a rate of {values}")
    if k != 2:
        parts.append(f"{k} conditions")
    if rest.get("missing"):
        parts.append(f"{100 * float(str(rest['missing'])):g} % missing")
    return Grid(", ".join(parts), analysis, _ANSWERS[analysis].format(unit=plural(unit)), columns, **rest)


def _crossed(r: int, i: int, effects: str = "both vary", **rest: object) -> Grid:
    name = f"{r} runs {'of equal labels that mean nothing ' if rest.get('own_units') else ''}× {i:,} examples"
    return _grid(name, CROSSED, "run", _BOTH, n_units=r, n_items=i, effects=effects, **rest)


def _independent(r: int, i: int, effects: str = "both vary", **rest: object) -> Grid:
    name = f"{r} runs of each condition × {i:,} examples" + (" of its own" if rest.get("own_items") else "")
    given = {"n_units": r, "n_items": i, "effects": effects, "own_units": True, "declared": False}
    return _grid(name, INDEPENDENT, "run", _BOTH, **(given | rest))


def _alone(n: int, role: str, column: str, analysis: str, *, paired: bool = True, **rest: object) -> Grid:
    """Return a design of units without examples."""
    name = f"{n:,} {_WORDS.get(column, plural(column))}"
    own = {} if paired else {"own_units": True, "own_items": True, "declared": False}
    sizes = {"n_items": n} if role == "example" else {"n_units": n}
    effects = {"effects": "examples vary" if role == "example" else "units vary"}
    name += " alone" if paired else " of each condition alone"
    return _grid(name, analysis, column, {role: column}, **(effects | sizes | own | rest))


def _nested(r: int, i: int, **rest: object) -> Grid:
    name, given = f"{r} runs with {i} examples of their own", {"n_units": r, "n_items": i, "nested": True}
    return _grid(name, "PairedT", "run", _BOTH, effects="units vary", **(given | rest))


def _clusters(r: int, i: int, effects: str = "units vary", *, unequal: bool = False, **rest: object) -> Grid:
    size = {"n_items": 20, "sizes": (2, 2, 4, 7, 20)} if unequal else {"n_items": i}
    name = f"{r} texts {'of each condition ' if rest.get('own_units') else ''}of {'2 to 20' if unequal else i} examples"
    columns = {"group": "text", "example": "item"}
    return _grid(name, "ClusterRobust", "text", columns, n_units=r, nested=True, effects=effects, **(size | rest))


def _datasets(d: int, r: int, i: int, *, shared: bool, **rest: object) -> Grid:
    name = f"{d} data sets × {r} {'runs in common' if shared else 'runs of their own'} × {i:,} examples"
    columns = {**_BOTH, "dataset": "task"}
    given = {"n_datasets": d, "n_units": r, "n_items": i, "shared_units": shared, "effects": "both vary"}
    return _grid(name, CROSSED, "run", columns, **(given | rest))


def _unlabelled(n: int, analysis: str, **rest: object) -> Grid:
    given = {"n_items": n, "own_units": True, "own_items": True, "effects": "neither varies"}
    return _grid(f"{n:,} rows without labels", analysis, "row", {}, **(given | rest))


def settings() -> list[Design]:
    """Return all settings, those of one analysis together."""
    return [
        _crossed(5, 400),
        _crossed(5, 400, "examples vary more"),
        _crossed(3, 50),
        _crossed(3, 2_000),
        _crossed(5, 50),
        _crossed(5, 50, "units vary"),
        _crossed(5, 400, "neither varies"),
        _crossed(8, 400, "examples vary"),
        _crossed(20, 200),
        _crossed(5, 100, n_conditions=4),
        _crossed(5, 200, own_units=True),
        _crossed(5, 200, values="skewed"),
        _crossed(5, 400, missing=0.05),
        _crossed(5, 100, missing=0.2),
        _crossed(3, 50, missing=0.2),
        _crossed(5, 400, "examples vary more", values="0.5"),
        _crossed(5, 400, values="0.9"),
        _crossed(5, 400, values="0.99"),
        _crossed(20, 200, values="0.99"),
        _crossed(5, 400, "examples vary more", values="0.99"),
        _crossed(3, 100, values="0.9"),
        _independent(5, 400, "examples vary more"),
        _independent(3, 50),
        _independent(8, 400, "neither varies"),
        _independent(20, 200),
        _independent(5, 100, n_conditions=3),
        _independent(5, 200, missing=0.2),
        _independent(5, 400, values="0.9"),
        _independent(5, 400, values="0.99"),
        _independent(5, 200, own_items=True),
        _datasets(3, 5, 100, shared=True),
        _datasets(3, 5, 100, shared=False),
        _datasets(5, 3, 50, shared=True, n_conditions=3),
        _datasets(3, 5, 200, shared=True, values="0.9"),
        _alone(3, "seed", "run", "PairedT"),
        _alone(5, "seed", "run", "PairedT"),
        _alone(20, "seed", "run", "PairedT"),
        _alone(8, "seed", "run", "PairedT", values="skewed"),
        _alone(8, "seed", "run", "PairedT", n_conditions=10),
        _alone(20, "seed", "run", "PairedT", missing=0.2, n_conditions=3),
        _alone(3, "seed", "run", "WelchT", paired=False),
        _alone(5, "seed", "run", "WelchT", paired=False),
        _alone(8, "seed", "run", "WelchT", paired=False, values="skewed"),
        _alone(200, "example", "item", "PairedT", n_conditions=4),
        _alone(50, "example", "item", "PairedT", values="skewed"),
        _alone(200, "example", "item", "PairedProportions", values="0.5"),
        _alone(200, "example", "item", "PairedProportions", values="0.9", n_conditions=5),
        _alone(200, "example", "item", "PairedProportions", values="0.99"),
        _alone(2_000, "example", "item", "PairedProportions", values="0.99"),
        _alone(5, "dataset", "task", "PairedT"),
        _alone(20, "dataset", "task", "PairedT", n_conditions=5),
        _nested(5, 100),
        _nested(8, 50, values="0.9"),
        _clusters(40, 5),
        _clusters(10, 5),
        _clusters(40, 5, "both vary", values="0.9"),
        _clusters(20, 0, unequal=True),
        _clusters(20, 0, unequal=True, values="0.9"),
        _clusters(80, 5, own_units=True, own_items=True, n_conditions=3),
        _unlabelled(50, "WelchT"),
        _unlabelled(200, "WelchT", values="skewed", n_conditions=3),
        _unlabelled(200, "IndependentProportions", values="0.5"),
        _unlabelled(200, "IndependentProportions", values="0.9", n_conditions=4),
        _unlabelled(400, "IndependentProportions", values="0.99"),
        Folds("10 folds of 200 rows", 200, 0.4, 10, 1),
        Folds("5 repetitions of 2 folds of 200 rows", 200, 0.4, 2, 5),
        Folds("5 repetitions of 5 folds of 200 rows", 200, 0.4, 5, 5),
        Folds("10 folds of 100 rows, little to learn", 100, 0.1, 10, 1),
    ]
