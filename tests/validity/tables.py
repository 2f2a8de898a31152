"""The simulations under analysis/validity by their names, and the tables that they have written."""

import importlib
from pathlib import Path
from types import ModuleType

import pandas as pd

ROOT = Path(__file__).parents[2]


def script(name: str) -> ModuleType:
    (path,) = ROOT.glob(f"analysis/validity/**/{name}.py")
    return importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def committed_table(name: str) -> pd.DataFrame:
    (path,) = ROOT.glob(f"analysis/validity/*/results/{name}.csv")
    return pd.read_csv(path)
