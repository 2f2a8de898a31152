"""The examples of public docstrings run where they are pasted: they import every name that they use."""

import ast
import builtins
import doctest
import inspect
from importlib import import_module

import pytest

ROOMS = (
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
    "studies",
    "trace",
)


def public_objects():
    for room in ("attnstats", *(f"attnstats.{each}" for each in ROOMS)):
        module = import_module(room)
        for name in module.__all__:
            public = getattr(module, name)
            if inspect.isclass(public) or inspect.isfunction(public):
                yield name, public


def examples_of(name, public):
    """Source of the example of an object, and of those of its public methods, without what is never run."""
    members = vars(public).items() if inspect.isclass(public) else ()
    documented = [public, *(each for key, each in members if not key.startswith("_") and callable(each))]
    parser = doctest.DocTestParser()
    for each in documented:
        examples = parser.get_examples(inspect.getdoc(each) or "")
        source = "".join(example.source for example in examples if doctest.SKIP not in example.options)
        if source:
            yield source


def unknown_names(source, own):
    used, bound = set(), {own, "_", *vars(builtins)}
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(ctx=ast.Load()):
                used.add(node.id)
            case ast.Name():
                bound.add(node.id)
            case ast.alias():
                bound.add((node.asname or node.name).partition(".")[0])
            case ast.arg():
                bound.add(node.arg)
            case ast.FunctionDef() | ast.ClassDef():
                bound.add(node.name)
    return used - bound


@pytest.mark.parametrize(("name", "public"), dict(public_objects()).items())
def test_an_example_imports_the_names_that_it_uses(name, public):
    for source in examples_of(name, public):
        assert not unknown_names(source, name), source
