"""What the house promises of its own structure: quick and light imports, one list of exports, layers kept."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import attnstats

ROOT = Path(attnstats.__file__).parent


def run_python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_importing_the_package_loads_neither_keras_nor_compiled_code():
    loaded = run_python(
        "import sys, attnstats; print(sorted({'tensorflow', 'keras', 'numba', 'sklearn', 'pandas'} & set(sys.modules)))"
    )
    assert loaded == "[]"


@pytest.mark.parametrize(
    "room",
    ["ablation", "comparison", "datasets", "information", "models", "ranks", "report", "resampling", "studies", "cli"],
)
def test_no_room_loads_keras_before_it_is_used(room):
    loaded = run_python(
        f"import sys, attnstats.{room}; print(sorted({{'tensorflow', 'keras', 'matplotlib'}} & set(sys.modules)))"
    )
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
    assert ast.get_docstring(ast.parse(path.read_text())), f"{path.name} has no docstring"
    assert path.stem not in {"utils", "util", "helpers", "helper", "common", "misc"}


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_unpickles_or_touches_the_global_generator(path):
    source = path.read_text()
    assert "allow_pickle=True" not in source
    assert "import pickle" not in source
    for call in ("np.random.seed", "np.random.rand(", "np.random.normal(", "np.random.shuffle("):
        assert call not in source
