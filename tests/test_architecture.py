"""The structure of the package: light imports, folders and names of modules, signatures, spelling of docstrings."""

import ast
import inspect
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import attnstats

ROOT = Path(attnstats.__file__).parent
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))
#: Modules without an underscore that export nothing, and why.
EXPORT_NOTHING = {
    "cli/": "a program: its functions are commands",
    "studies/findings/": "one file for each finding; `FINDINGS` lists them",
    "information/classifiers.py": "the former place of the classifiers, kept for one release",
}
#: No annotation of a public parameter is longer.
LONGEST_ANNOTATION = 64
#: No signature of a public function is longer: seven lines.
LONGEST_SIGNATURE = 700
#: A normalizer is a part of a model, by that name.
AMERICAN = re.compile(r"\b(?:neighbor|normaliz(?!er)|standardiz|behavior|color|center)\w*", re.IGNORECASE)


@cache
def exports_of(package):
    """Names in ``__all__`` of a package, and the file that defines each."""
    init = ROOT / package / "__init__.py"
    listed = re.search(r"(?ms)^__all__ = \[(.*?)\]", init.read_text())
    return {name: definition(init, name) for name in re.findall(r'"(\w+)"', listed[1] if listed else "")}


def definition(path, name):
    """The file that defines a name which a file imports or defines."""
    source, former = imports_of(path).get(name, (None, None))
    return path if source is None else definition(source, former)


@cache
def imports_of(path):
    """Names that a file imports from the package, and the file and the name that they come from."""
    found = {}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("attnstats."):
            source = ROOT.joinpath(*node.module.split(".")[1:])
            source = source / "__init__.py" if source.is_dir() else source.with_suffix(".py")
            found |= {alias.asname or alias.name: (source, alias.name) for alias in node.names}
    return found


@cache
def tree_of(path):
    return ast.parse(path.read_text())


@cache
def kernels_of(path):
    """The functions of a file that Numba compiles."""
    functions = [node for node in tree_of(path).body if isinstance(node, ast.FunctionDef)]
    return {each.name: each for each in functions if any("njit" in ast.unparse(of) for of in each.decorator_list)}


def run_python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_importing_the_package_loads_neither_keras_nor_compiled_code():
    loaded = run_python(
        "import sys, attnstats; print(sorted({'tensorflow', 'keras', 'numba', 'sklearn', 'pandas'} & set(sys.modules)))"
    )
    assert loaded == "[]"


@pytest.mark.slow
@pytest.mark.parametrize(
    "room",
    [
        "ablation",
        "adapters",
        "comparison",
        "datasets",
        "information",
        "models",
        "plausibility",
        "ranks",
        "report",
        "resampling",
        "scores",
        "studies",
        "cli",
    ],
)
def test_no_room_loads_keras_before_it_is_used(room):
    heavy = "{'keras', 'matplotlib', 'tensorflow', 'torch'}"
    loaded = run_python(f"import sys, attnstats.{room}; print(sorted({heavy} & set(sys.modules)))")
    assert loaded == "[]"


def test_every_export_can_be_had_and_is_declared_for_type_checkers():
    tree = ast.parse((ROOT / "__init__.py").read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    declared = {alias.name for node in block.body for alias in node.names}
    assert declared == set(attnstats.__all__)
    for name in attnstats.__all__:
        assert getattr(attnstats, name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        attnstats.nonsense  # noqa: B018


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_documented_and_names_what_it_is(path):
    assert ast.get_docstring(tree_of(path)), f"{path.name} has no docstring"
    assert path.stem not in {"utils", "util", "helpers", "helper", "common", "misc"}


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_unpickles_or_touches_the_global_generator(path):
    source = path.read_text()
    assert "allow_pickle=True" not in source
    assert "import pickle" not in source
    for call in ("np.random.seed", "np.random.rand(", "np.random.normal(", "np.random.shuffle("):
        assert call not in source


def test_a_folder_has_at_most_16_files():
    top = ROOT.parent
    files = (each for room in ("attnstats", "analysis", "tests") for each in (top / room).rglob("*.py"))
    # Python asks for `__main__.py` by this name and in this place.
    folders = Counter(each.parent for each in files if each.name != "__main__.py")
    assert not {folder: n for folder, n in folders.items() if n > 16}


@pytest.mark.parametrize("module", [each for each in MODULES if not each.endswith("__init__.py") and "/" in each])
def test_a_module_has_an_underscore_if_and_only_if_it_exports_nothing(module):
    path = ROOT / module
    exported = {name for package in Path(module).parents for name, file in exports_of(package).items() if file == path}
    functions = {name for name in exported if name.islower()}
    if path.stem.startswith("_"):
        # One that exports may have it too, where the module would hide the function.
        assert not exported or path.stem[1:] in functions
    else:
        assert path.stem not in functions, "the module would hide the function of the same name"
        if not module.startswith(tuple(EXPORT_NOTHING)):
            assert exported


@pytest.mark.parametrize("module", MODULES)
def test_annotations_are_shown_as_they_are_written(module):
    tree = tree_of(ROOT / module)
    code = [node for node in tree.body if not isinstance(node, ast.Expr)]
    if code:
        assert ast.unparse(code[0]) == "from __future__ import annotations"
    for owner in ast.walk(tree):
        for annotation in annotations(owner):
            assert len(ast.unparse(annotation)) <= LONGEST_ANNOTATION


def annotations(node):
    """Of the parameters of a public function, or of the fields of a public class."""
    if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
        arguments = node.args
        every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        return [each.annotation for each in every if each.annotation is not None]
    if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
        return [each.annotation for each in node.body if isinstance(each, ast.AnnAssign)]
    return []


@pytest.mark.parametrize(
    "room",
    [
        "ablation",
        "adapters",
        "comparison",
        "datasets",
        "information",
        "plausibility",
        "ranks",
        "report",
        "resampling",
        "scores",
        "trace",
    ],
)
def test_a_signature_takes_a_few_lines(room):
    module = import_module(f"attnstats.{room}")
    for name in module.__all__:
        public = getattr(module, name)
        if inspect.isfunction(public):
            assert len(str(inspect.signature(public))) <= LONGEST_SIGNATURE, name


def test_the_signatures_of_the_first_functions_are_short():
    assert len(str(inspect.signature(attnstats.kendall))) < 350
    assert len(str(inspect.signature(attnstats.AttentionTrace.from_arrays))) < 300


@pytest.mark.parametrize("module", MODULES)
def test_docstrings_have_british_spelling(module):
    tree = tree_of(ROOT / module)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            assert american_words(ast.get_docstring(node) or "") == []


def american_words(docstring):
    """Words in American spelling, outside code, doctests, names of parameters and references."""
    summary, *sections = re.split(r"(?m)^(\w[\w ]*)\n-+$", docstring)
    bodies = [body for heading, body in zip(sections[::2], sections[1::2], strict=True) if heading != "References"]
    prose = "\n".join([summary, *bodies])
    for code in (r"``[^`]+``|`[^`]+`", r"(?m)^>>> .*(?:\n.+)*", r"(?m)^[\w, *]+ : .*$"):
        prose = re.sub(code, "", prose)
    return AMERICAN.findall(prose)


def test_american_words_are_found_in_prose_alone():
    docstring = """Nearest neighbors of `centers`.

    Parameters
    ----------
    color : str
        A normalized color, ``center``.

    References
    ----------
    A. Author, On neighbors and behavior, 1999.

    Examples
    --------
    >>> centered = 1  # neighbor
    >>> print("color")
    color

    Not standardized.
    """
    assert american_words(inspect.cleandoc(docstring)) == ["neighbors", "normalized", "color", "standardized"]


@pytest.mark.parametrize("module", [each for each in MODULES if kernels_of(ROOT / each)])
def test_compiled_functions_call_those_of_their_own_file_alone(module):
    path = ROOT / module
    elsewhere = {name for name, (file, former) in imports_of(path).items() if former in kernels_of(file)}
    for kernel in kernels_of(path).values():
        assert not elsewhere & {node.id for node in ast.walk(kernel) if isinstance(node, ast.Name)}
