"""One source file as syntax: the statements behind each of its names, and a statement as text."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass
class Module:
    """The top level of one file."""

    statements: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)


def defaults(arguments: ast.arguments) -> Iterator[tuple[int | None, str, ast.expr]]:
    """Yield place, name and default value of each parameter that has one; no place where it goes by name alone."""
    placed = [*arguments.posonlyargs, *arguments.args]
    first = len(placed) - len(arguments.defaults)
    for place, value in enumerate(arguments.defaults, start=first):
        yield place, placed[place].arg, value
    for each, keyword_value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if keyword_value is not None:
            yield None, each.arg, keyword_value


def without_defaults(node: ast.FunctionDef) -> ast.FunctionDef:
    """Return a function whose parameters have no default values."""
    arguments = ast.arguments(**{**vars(node.args), "defaults": [], "kw_defaults": []})
    return ast.FunctionDef(**{**vars(node), "args": arguments})


def read_module(tree: ast.Module, package: str) -> Module:
    """Return the statements of a file by the names that they define, and what its imports stand for.

    Names such as ``__all__`` are left out; a statement that defines nothing stands under an empty name.
    """
    module = Module()
    _read(tree.body, module, package)
    for name in [name for name in module.statements if name.startswith("__") and name.endswith("__")]:
        del module.statements[name]
    return module


def _read(body: Iterable[ast.stmt], module: Module, package: str) -> None:
    for place, node in enumerate(body):
        match node:
            case ast.Import() | ast.ImportFrom():
                module.imports |= imports([node], package)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                module.statements.setdefault(name, []).append(node)
            case ast.If() if "TYPE_CHECKING" in ast.unparse(node.test):  # where a lazy package names what it has
                _read([*node.body, *node.orelse], module, package)
            case ast.If() if "__name__" in ast.unparse(node.test):
                pass
            case ast.Try():
                handled = [each for handler in node.handlers for each in handler.body]
                _read([*node.body, *handled, *node.orelse, *node.finalbody], module, package)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                # What is set in an object, as by ``REGISTRY[name] = ...``, defines no name.
                for name in dict.fromkeys(assigned(node)) or [""]:
                    module.statements.setdefault(name, []).append(node)
            case ast.Expr(value=ast.Constant()) if place == 0:
                pass
            case _:
                module.statements.setdefault("", []).append(node)


def imports(nodes: Iterable[ast.AST], package: str) -> dict[str, str]:
    """Return the dotted name that each imported name stands for."""
    found = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for each in node.names:
                bound = each.asname or each.name.partition(".")[0]
                found[bound] = each.name if each.asname else bound
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*parents, *([node.module] if node.module else [])])
            found |= {each.asname or each.name: f"{source}.{each.name}" for each in node.names}
    return found


def assigned(node: ast.stmt) -> list[str]:
    """Return the names that an assignment defines, in order."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [name for target in targets for name in _defined(target)]


def _defined(target: ast.expr | None) -> Iterator[str]:
    match target:
        case ast.Name(id=name):
            yield name
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _defined(part)
        case ast.Starred(value=part):
            yield from _defined(part)


def tokens(node: object, scope: Mapping[str, str], own: str) -> Iterator[str | tuple[str, ...]]:
    """Yield a syntax tree as text, and each name in `scope` as the dotted path that it stands for.

    Left out are docstrings, annotations, imports, the messages of errors, and the name of the definition itself, `own`.
    """
    match node:
        case ast.Import() | ast.ImportFrom():
            return
        case ast.Name() | ast.Attribute() if (path := dotted(node)) and path[0] in scope:
            yield (*scope[path[0]].split("."), *path[1:])
        case ast.Raise(exc=raised):  # the kind of error, since its message changes no number
            yield "Raise"
            yield from tokens(raised.func if isinstance(raised, ast.Call) else raised, scope, own)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield type(node).__name__
            yield "" if node.name == own else node.name
            for name in node._fields:
                if name not in ("name", "returns", "body"):
                    yield from tokens(getattr(node, name), scope, own)
            yield from tokens(node.body[_has_docstring(node.body) :], scope, own)
        case ast.arg(arg=name):
            yield name
        case ast.AnnAssign(annotation=annotation, value=value, target=target):
            # In a class that something is a field, and whether it is one of the class, decides.
            yield f"AnnAssign {'ClassVar' in ast.unparse(annotation)}"
            yield from tokens(target, scope, own)
            yield from tokens(value, scope, own)
        case ast.AST():
            yield type(node).__name__
            for name in node._fields:
                if name not in ("ctx", "type_comment"):
                    yield from tokens(getattr(node, name), scope, own)
        case list():
            yield f"[{len(node)}"
            for each in node:
                yield from tokens(each, scope, own)
        case _:
            yield repr(node)


def dotted(node: ast.expr) -> tuple[str, ...] | None:
    """Return the parts of ``a.b.c``; None for an attribute of something else than a name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return (node.id, *reversed(parts)) if isinstance(node, ast.Name) else None


def _has_docstring(body: list[ast.stmt]) -> bool:
    first = body[0]
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
