"""Compiled functions that call each other stand in one file."""

import importlib
import inspect
import pkgutil

from numba.core.dispatcher import Dispatcher

import attnstats


def compiled_functions():
    for found in pkgutil.walk_packages(attnstats.__path__, "attnstats."):
        if "._networks" in found.name or ".models" in found.name:  # which load Keras and compile nothing
            continue
        module = importlib.import_module(found.name)
        for each in vars(module).values():
            if isinstance(each, Dispatcher) and each.py_func.__module__ == found.name:
                yield each.py_func


def test_no_compiled_function_calls_one_of_another_file():
    # Numba's cache of the caller is kept while its own file is the same, whatever has changed in the other one.
    functions = list(compiled_functions())
    assert len(functions) > 30
    across = [
        f"{function.__module__}.{function.__name__} calls {name}"
        for function in functions
        for name, called in inspect.getclosurevars(function).globals.items()
        if isinstance(called, Dispatcher) and called.py_func.__module__ != function.__module__
    ]
    assert not across, across
