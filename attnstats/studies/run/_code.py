"""The code that a computation reaches, as one hash for each definition: a function, a class or a module's constant.

The source is read, never run. A definition reaches those that its text names: through the imports of its module and its
own, through attributes of imported modules, and through bases, decorators and default values. Annotations are not
followed. A hash is that of the syntax tree without docstrings, comments, annotations of functions, imports and the
messages of raised errors. In the place of a name that the package defines stands the hash of what it names, so that a
definition may be moved or renamed.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from attnstats.studies.run._syntax import (
    Module,
    assigned,
    defaults,
    dotted,
    imports,
    read_module,
    tokens,
    without_defaults,
)


class Definition(NamedTuple):
    """Where a top-level name of a module is defined."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


def definition_of(obj: Callable[..., Any]) -> Definition:
    """Return where a function or class is defined."""
    return Definition(obj.__module__, obj.__qualname__.partition(".")[0])


@dataclass(frozen=True)
class ReachedCode:
    """What a computation reaches.

    Parameters
    ----------
    own : dict of str to str
        Hash of the text of each definition, without what it names.
    hashes : tuple of str
        The sorted hashes of all definitions, in which those that they name take part.
    packages : frozenset of str
        Other packages that the definitions name.
    """

    own: dict[str, str]
    hashes: tuple[str, ...]
    packages: frozenset[str]


class _Call(NamedTuple):
    """A call of a definition: how many arguments stand by place, and which by name; None where that is not known."""

    called: Definition
    n_placed: int | None
    named: frozenset[str | None]

    def leaves_out(self, place: int | None, name: str) -> bool:
        """Return whether a parameter may take its default value."""
        unknown = self.n_placed is None or None in self.named
        return unknown or (name not in self.named and (place is None or place >= (self.n_placed or 0)))


@dataclass
class _Text:
    """The text of one definition, and what it names.

    Parameters
    ----------
    parts : list of str
        The text, without what it names.
    names : list of Definition
        What it names in the package, in order, default values of parameters left out.
    defaults : list of (int or None, str, Definition)
        What the default values of a function's parameters name, with place and name of the parameter.
    calls : list of _Call
        Calls of what it names.
    packages : set of str
        Other packages that it names.
    """

    parts: list[str] = field(default_factory=list)
    names: list[Definition] = field(default_factory=list)
    defaults: list[tuple[int | None, str, Definition]] = field(default_factory=list)
    calls: list[_Call] = field(default_factory=list)
    packages: set[str] = field(default_factory=set)

    @cached_property
    def own(self) -> str:
        """Hash of the text."""
        return _hash(self.parts)


class SourceCode:
    """The source files of one package.

    Parameters
    ----------
    root : Path
        Folder of the package; its name is that of the package.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._modules: dict[str, Module | None] = {}
        self._texts: dict[Definition, _Text] = {}

    def reached(self, starts: Iterable[Definition], cut: Iterable[Definition] = ()) -> ReachedCode:
        """Return what some definitions reach, themselves among them; what is `cut` is neither counted nor followed."""
        first = list(starts)
        left_out, found, waiting = dict.fromkeys(cut), {}, [*first]
        while waiting:
            each = waiting.pop()
            if each not in found and each not in left_out:
                found[each] = self._text(each)
                waiting += found[each].names
            if not waiting:
                waiting = [each for each in _used_defaults(found, first) if each not in found | left_out]
        named = {
            each: [name for name in (*text.names, *(default[-1] for default in text.defaults)) if name in found]
            for each, text in found.items()
        }
        # Definitions that differ only in what they name are told apart round by round, until no more of them can be.
        hashes, n_kinds = {each: text.own for each, text in found.items()}, 0
        while len(kinds := set(hashes.values())) > n_kinds:
            n_kinds = len(kinds)
            hashes = {each: _hash([text.own, *(hashes[name] for name in named[each])]) for each, text in found.items()}
        packages = frozenset(package for text in found.values() for package in text.packages)
        own = {str(each): found[each].own for each in sorted(found)}
        return ReachedCode(own, tuple(sorted(set(hashes.values()))), packages)

    def _text(self, definition: Definition) -> _Text:
        if definition in self._texts:
            return self._texts[definition]
        module = self._module(definition.module)
        if module is None or definition.name not in module.statements:
            raise LookupError(f"{definition} is not defined in {self._root}")
        text = self._texts[definition] = _Text()
        # What runs when the file is imported, and defines nothing, may change anything in it.
        for node in [*module.statements[definition.name], *module.statements.get("", [])]:
            scope = {name: f"{definition.module}.{name}" for name in module.statements}
            scope |= module.imports | imports(ast.walk(node), self._package_of(definition.module))
            if definition.name in (targets := assigned(node)):
                text.parts.append(str(targets.index(definition.name)))
            if isinstance(node, ast.FunctionDef):
                for place, name, value in defaults(node.args):
                    text.parts.append(name)
                    text.defaults += [(place, name, each) for each in self._named(value, scope, definition, text)]
                node = without_defaults(node)
            named = self._named(node, scope, definition, text)
            text.names += [each for each in named if each.module != definition.module or each.name not in targets]
            text.calls += self._calls(node, scope)
        return text

    def _named(self, node: ast.AST, scope: Mapping[str, str], definition: Definition, text: _Text) -> list[Definition]:
        """Return what a part of a definition names in the package, and add the part to the text."""
        found: list[Definition] = []
        for token in tokens(node, scope, definition.name):
            if isinstance(token, str):
                text.parts.append(token)
                continue
            definitions, rest = self._locate(token)
            text.parts += ["name", *rest]
            if definitions is None:
                text.packages.add(token[0])
            found += definitions or ()
        return found

    def _calls(self, node: ast.AST, scope: Mapping[str, str]) -> Iterator[_Call]:
        """Yield the calls of functions of the package."""
        for each in ast.walk(node):
            if isinstance(each, ast.Call) and (path := dotted(each.func)) and path[0] in scope:
                found, rest = self._locate((*scope[path[0]].split("."), *path[1:]))
                starred = any(isinstance(argument, ast.Starred) for argument in each.args)
                if found and not rest:
                    named = frozenset(keyword.arg for keyword in each.keywords)
                    yield _Call(found[0], None if starred else len(each.args), named)

    def _locate(self, path: tuple[str, ...]) -> tuple[list[Definition] | None, tuple[str, ...]]:
        """Return the definitions of the package that a dotted name stands for, and the attributes that follow.

        None stands for a name of another package. A module that is used as an object stands for all that it holds.
        """
        if path[0] != self._root.name:
            return None, path
        known = 1
        while known < len(path) and self._module(".".join(path[: known + 1])) is not None:
            known += 1
        name, module = ".".join(path[:known]), self._module(".".join(path[:known]))
        assert module is not None
        if known == len(path):
            found = [Definition(name, each) for each in module.statements if each]
            for each in module.imports.values():
                if each.startswith(f"{path[0]}.") and self._module(each) is None:
                    found += self._locate(tuple(each.split(".")))[0] or ()
            return found, ()
        if path[known] in module.statements:
            return [Definition(name, path[known])], path[known + 1 :]
        if path[known] in module.imports:
            return self._locate((*module.imports[path[known]].split("."), *path[known + 1 :]))
        if path[known].startswith("__"):  # such as __name__
            return [], path[known:]
        raise LookupError(f"{'.'.join(path)}: must be defined or imported by name in {name}")

    def _module(self, name: str) -> Module | None:
        if name not in self._modules:
            path = self._root.joinpath(*name.split(".")[1:])
            file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            found = read_module(ast.parse(file.read_bytes()), self._package_of(name)) if file.is_file() else None
            self._modules[name] = found
        return self._modules[name]

    def _package_of(self, module: str) -> str:
        """Return the package that relative imports in a module start from."""
        return module if self._root.joinpath(*module.split(".")[1:]).is_dir() else module.rpartition(".")[0]


def _used_defaults(found: Mapping[Definition, _Text], starts: Collection[Definition]) -> Iterator[Definition]:
    """Yield what default values name of parameters that a call leaves out, or whose function is used as an object."""
    calls = [call for text in found.values() for call in text.calls]
    named = Counter(
        name for text in found.values() for name in (*text.names, *(default[-1] for default in text.defaults))
    )
    for definition, text in found.items():
        if text.defaults:
            own = [call for call in calls if call.called == definition]
            passed_on = definition in starts or named[definition] > len(own)
            for place, name, value in text.defaults:
                if passed_on or any(call.leaves_out(place, name) for call in own):
                    yield value


def _hash(parts: Iterable[str]) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()[:16]
