"""The code that a computation reaches, as one hash for each definition: a function, a class or a module's constant.

The source is read, never run. A hash is that of the syntax tree without docstrings, comments, annotations, imports and
the messages of errors. In the place of a name that the package defines stands the hash of what it names, so that a
definition may be moved or renamed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from attnstats.studies.run._syntax import Module, Parameter, assigned, imported, tokens


class Definition(NamedTuple):
    """Where a top-level name of a module is defined."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


def definition_of(obj: Callable[..., Any]) -> Definition:
    """Return where a function or class is defined."""
    return Definition(obj.__module__, obj.__qualname__.partition(".")[0])


class ReachedCode(NamedTuple):
    """Hashes of the text of each definition, the sorted ones in which what they name takes part, and other packages."""

    own: dict[str, str]
    hashes: tuple[str, ...]
    packages: frozenset[str]


class _Use(NamedTuple):
    """A definition that a text names, and its call where it is called."""

    definition: Definition
    call: ast.Call | None = None


class _Text(NamedTuple):
    """The hash of a text, and what it names in the package and outside; default values are apart from the rest."""

    own: str
    uses: list[_Use]
    defaults: list[tuple[Parameter, list[_Use]]]
    packages: set[str]


class SourceCode:
    """The source files of one package, in the folder of its name."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._module = cache(self._read_module)
        self._text = cache(self._read_text)

    def reached(self, starts: Iterable[Definition], cut: Iterable[Definition] = ()) -> ReachedCode:
        """Return what some definitions reach, themselves among them; what is `cut` is neither counted nor followed."""
        left_out, found = set(cut), {}
        waiting = self._named(map(_Use, starts))
        while waiting:
            each = waiting.pop()
            if each not in found and each not in left_out:
                found[each] = self._text(each)
                waiting += self._named(found[each].uses)
        named = {each: [name for name in self._named(text.uses) if name in found] for each, text in found.items()}
        # Definitions that differ only in what they name are told apart round by round, until no more of them can be.
        hashes, n_kinds = {each: text.own for each, text in found.items()}, 0
        while len(kinds := set(hashes.values())) > n_kinds:
            n_kinds = len(kinds)
            hashes = {each: _hash([text.own, *(hashes[name] for name in named[each])]) for each, text in found.items()}
        packages = frozenset(package for text in found.values() for package in text.packages)
        own = {str(each): found[each].own for each in sorted(found)}
        return ReachedCode(own, tuple(sorted(set(hashes.values()))), packages)

    def _named(self, uses: Iterable[_Use]) -> list[Definition]:
        """Return the definitions used, and after each one what default values name that its call may take."""
        found = []
        for definition, call in uses:
            found.append(definition)
            for parameter, in_default in self._text(definition).defaults:
                if parameter.may_be_left_out_of(call):
                    found += self._named(in_default)
        return found

    def _read_text(self, definition: Definition) -> _Text:
        module = self._module(definition.module)
        if module is None or definition.name not in module.statements:
            raise LookupError(f"{definition} is not defined in {self._root}")
        parts: list[str] = []
        packages: set[str] = set()

        def read(node: ast.AST) -> Iterator[_Use]:
            scope = module.scope | imported(ast.walk(node), module.package)
            for token in tokens(node, scope, definition.name):
                if isinstance(token, str):
                    parts.append(token)
                    continue
                found, rest = self._locate(token.path)
                parts.extend(["name", *rest])
                if found is None:
                    packages.add(rest[0])
                for each in found or ():
                    yield _Use(each, None if rest else token.call)

        uses = []
        # What runs when the file is imported, and defines nothing, may change anything in it.
        for node in [*module.statements[definition.name], *module.statements.get("", [])]:
            if definition.name in (targets := assigned(node)):
                parts.append(str(targets.index(definition.name)))
            own = [Definition(module.name, target) for target in targets]
            uses += [use for use in read(node) if use.definition not in own]
        defaults = [(each, [*read(each.default)]) for each in module.parameters.get(definition.name, [])]
        parts += [parameter.name for parameter, _ in defaults]
        return _Text(_hash(parts), uses, defaults, packages)

    def _locate(self, path: str) -> tuple[list[Definition] | None, list[str]]:
        """Return the definitions of the package that a dotted path stands for, and the attributes that follow.

        None stands for a path in another package. A module that is used as an object stands for all that it holds.
        """
        names = path.split(".")
        if names[0] != self._root.name:
            return None, names
        for known in range(len(names), 0, -1):
            if module := self._module(".".join(names[:known])):
                break
        assert module is not None
        if known == len(names):
            found = [Definition(module.name, each) for each in module.statements if each]
            for each in module.imports.values():
                if self._module(each) is None:
                    found += self._locate(each)[0] or ()
            return found, []
        name, rest = names[known], names[known + 1 :]
        if name in module.statements:
            return [Definition(module.name, name)], rest
        if name in module.imports:
            return self._locate(".".join([module.imports[name], *rest]))
        if name.startswith("__"):  # such as __name__
            return [], [name, *rest]
        raise LookupError(f"{path}: must be defined or imported by name in {module.name}")

    def _read_module(self, name: str) -> Module | None:
        root, _, inside = name.partition(".")
        path = self._root.joinpath(*inside.split("."))
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if root != self._root.name or not file.is_file():
            return None
        return Module(name, name if path.is_dir() else name.rpartition(".")[0], file.read_bytes())


def _hash(parts: Iterable[str]) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()[:16]
