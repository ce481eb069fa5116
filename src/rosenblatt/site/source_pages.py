"""The project's own source, cut into excerpts: what a page shows is what the program runs."""

import ast
import textwrap
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rosenblatt.program import PACKAGE


@dataclass(frozen=True)
class Excerpt:
    """A piece of source: its code, the module's path within the package, its first line."""

    code: str
    path: str
    line: int


@dataclass
class Module:
    """One source file: its text, its tree, and what of that is looked for."""

    name: str
    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Return all imports from modules and all calls, anywhere in it."""
        return [n for n in ast.walk(self.tree) if isinstance(n, ast.ImportFrom | ast.Call)]


class Sources:
    """All modules of the package by their dotted name below `rosenblatt`."""

    def __init__(self, root: Path = PACKAGE) -> None:
        self.root = root
        self.modules = {}
        for path in sorted(root.rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            name = ".".join(parts).removesuffix("__init__").removesuffix(".")
            self.modules[name] = Module(name, path)

    @cached_property
    def users(self) -> dict[str, list[Module]]:
        """Return the modules that import a name, by `module.name`; the package itself not."""
        found: dict[str, dict[str, Module]] = {}
        for module in self.modules.values():
            for node in module.nodes if module.name else ():
                if isinstance(node, ast.ImportFrom):
                    for alias in node.names:
                        name = f"{node.module}.{alias.name}".removeprefix("rosenblatt.")
                        found.setdefault(name, {})[module.name] = module
        return {name: list(modules.values()) for name, modules in found.items()}

    def node(self, where: str) -> tuple[Module, Any]:
        """Return the module and the tree's node that `find` would cut out. Raises KeyError."""
        name, _, inside = where.partition(":")
        module = self.modules[name]
        node: Any = module.tree
        for part in filter(None, inside.split(".")):
            body = getattr(node, "body", [])
            found = [child for child in body if getattr(child, "name", None) == part]
            if not found:
                raise KeyError(where)
            node = found[-1]
        return module, node

    def find(self, where: str) -> Excerpt:
        """Return what `module`, `module:Class`, `module:function` or `module:Class.method` names.

        Raises KeyError where there is no such thing.
        """
        module, node = self.node(where)
        path = module.path.relative_to(self.root).as_posix()
        if ":" not in where:
            return Excerpt(module.text.rstrip("\n"), path, 1)
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        lines = module.text.splitlines()[first - 1 : node.end_lineno]
        return Excerpt(textwrap.dedent("\n".join(lines)), path, first)
