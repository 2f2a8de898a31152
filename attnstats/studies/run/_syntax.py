"""One source file as syntax: the statements behind each of its names, and a statement as text."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import resolve_name
from typing import NamedTuple


class Parameter(NamedTuple):
    """A parameter with a default value; no place where it goes by name alone."""

    place: int | None
    name: str
    default: ast.expr

    def may_be_left_out_of(self, call: ast.Call | None) -> bool:
        """Return whether a call may take the default value; what is named without being called may."""
        if call is None or any(isinstance(argument, ast.Starred) for argument in call.args):
            return True
        named = [keyword.arg for keyword in call.keywords]
        by_place = self.place is not None and self.place < len(call.args)
        return None in named or not (by_place or self.name in named)


class Named(NamedTuple):
    """A dotted path that a name stands for, and its call where it is called."""

    path: str
    call: ast.Call | None


class Module:
    """The top level of the file of a module.

    `statements` holds those that define each name, without names such as ``__all__``, and under an empty name those
    that define nothing. `scope` holds the dotted path that each name stands for, and `parameters` those of a function
    that have a default value, which its statement has no longer.
    """

    def __init__(self, name: str, package: str, source: bytes) -> None:
        self.name, self.package = name, package
        self.statements: dict[str, list[ast.stmt]] = {}
        self.parameters: dict[str, list[Parameter]] = {}
        self.imports: dict[str, str] = {}
        self._read(ast.parse(source).body)
        self.scope = {each: f"{name}.{each}" for each in self.statements} | self.imports

    def _read(self, body: Iterable[ast.stmt]) -> None:
        for node in body:
            match node:
                case ast.Import() | ast.ImportFrom():
                    self.imports |= imported([node], self.package)
                case ast.FunctionDef(name=name, args=arguments):
                    self.parameters.setdefault(name, []).extend(_with_defaults(arguments))
                    arguments.defaults, arguments.kw_defaults = [], []
                    self._add(name, node)
                case ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    self._add(name, node)
                case ast.If() if "TYPE_CHECKING" in ast.unparse(node.test):  # where a lazy package names what it has
                    self._read([*node.body, *node.orelse])
                case ast.If() if "__name__" in ast.unparse(node.test):
                    pass
                case ast.Try():
                    handled = [each for handler in node.handlers for each in handler.body]
                    self._read([*node.body, *handled, *node.orelse, *node.finalbody])
                case ast.Expr(value=ast.Constant()):
                    pass
                case _:  # what is set in an object, as by ``REGISTRY[name] = ...``, defines no name
                    for name in dict.fromkeys(assigned(node)) or [""]:
                        self._add(name, node)

    def _add(self, name: str, node: ast.stmt) -> None:
        if not (name.startswith("__") and name.endswith("__")):
            self.statements.setdefault(name, []).append(node)


def _with_defaults(arguments: ast.arguments) -> Iterator[Parameter]:
    placed = [*arguments.posonlyargs, *arguments.args]
    first = len(placed) - len(arguments.defaults)
    for place, value in enumerate(arguments.defaults, start=first):
        yield Parameter(place, placed[place].arg, value)
    for each, keyword_value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if keyword_value is not None:
            yield Parameter(None, each.arg, keyword_value)


def imported(nodes: Iterable[ast.AST], package: str) -> dict[str, str]:
    """Return the dotted path that each imported name stands for."""
    found = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for each in node.names:
                bound = each.asname or each.name.partition(".")[0]
                found[bound] = each.name if each.asname else bound
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            found |= {each.asname or each.name: f"{source}.{each.name}" for each in node.names}
    return found


def assigned(node: ast.stmt) -> list[str]:
    """Return the names that an assignment defines, in order."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", ast.Pass())]
    parts = [part for target in targets for part in ast.walk(target)]
    return [part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]


def tokens(node: object, scope: Mapping[str, str], own: str) -> Iterator[str | Named]:
    """Yield a syntax tree as text, and each name in `scope` as what it stands for.

    Left out are docstrings, annotations, imports, the messages of errors, and the name of the definition itself, `own`.
    """
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return
        case ast.Name() | ast.Attribute() if path := _path(node, scope):
            yield Named(path, None)
        case ast.Call(func=called) if path := _path(called, scope):
            yield Named(path, node)
            yield from tokens([node.args, node.keywords], scope, own)
        case ast.Raise(exc=raised):  # the kind of error, since its message changes no number
            yield "Raise"
            yield from tokens(raised.func if isinstance(raised, ast.Call) else raised, scope, own)
        case ast.AnnAssign(annotation=annotation, value=value, target=target):
            # In a class that something is a field, and whether it is one of the class, decides.
            yield f"AnnAssign {'ClassVar' in ast.unparse(annotation)}"
            yield from tokens([target, value], scope, own)
        case ast.AST():
            yield type(node).__name__
            for name, part in ast.iter_fields(node):
                if name not in ("ctx", "type_comment", "annotation", "returns") and (name, part) != ("name", own):
                    yield from tokens(part, scope, own)
        case list():
            yield "["
            for each in node:
                yield from tokens(each, scope, own)
            yield "]"
        case _:
            yield repr(node)


def _path(node: ast.expr, scope: Mapping[str, str]) -> str | None:
    """Return the dotted path that ``a.b.c`` stands for; None where ``a`` is no name in `scope`."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.insert(0, node.attr)
        node = node.value
    return ".".join([scope[node.id], *attributes]) if isinstance(node, ast.Name) and node.id in scope else None
