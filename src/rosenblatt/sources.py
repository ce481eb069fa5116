"""Which sources decide what a module does: its own, and those that it imports, directly or not.

What is kept, compiled kernels, Gram matrices or fits, is named after a digest of them. So an edit
makes again whatever depends on it, and nothing else.
"""

import ast
import contextlib
import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent
DATA = re.compile(rb"""["']([\w-]+\.(?:csv|html|json|npy|npz|toml|txt))["']""")

IMPORT = re.compile(  # a statement on a line of its own, without a comment in it
    rb"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+)?import[ \t]+(?:\([^()#]*\)|[^\n\\;#(]+$)", re.MULTILINE
)


@cache
def sources_digest(module: str, within: str = "rosenblatt", root: Path = ROOT) -> str:
    """Return the SHA-256 of the names and contents of sources_of."""
    digest = hashlib.sha256()
    for path in sorted(sources_of(module, within, root)):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def sources_digest_of(modules: Iterable[str]) -> str:
    """Return one SHA-256 over sources_digest of several modules."""
    return hashlib.sha256(" ".join(map(sources_digest, modules)).encode()).hexdigest()


@cache
def sources_of(module: str, within: str = "rosenblatt", root: Path = ROOT) -> frozenset[Path]:
    """Return the files of a module, of all that it imports within a package, and of their data.

    module, within: absolute dotted names. root: the folder of `rosenblatt`. Imports count wherever
    they stand, in functions too; those of a name are followed to the module that it is, or else to
    the package that has it. Above a module the `__init__.py` files run as well, but what they
    import for others does not count. Data are files beside a source whose names it holds.
    Imports by a computed name are not seen. Raises ValueError where there is no such module.
    """
    if _file(module, root) is None:
        raise ValueError(f"there is no module {module} in {root}")
    found: set[Path] = set()
    seen: set[str] = set()
    pending = [module]
    while pending:
        name = pending.pop()
        path = _file(name, root)
        if path is None or name in seen or not f"{name}.".startswith(f"{within}."):
            continue
        seen.add(name)
        imported, data = _needs(name, path, root)
        found |= {path, *data, *_above(name, within, root)}
        pending += imported
    return frozenset(found)


@cache
def _file(module: str, root: Path) -> Path | None:
    """Return the source of a module or package, or None where the name is neither's."""
    first, *parts = module.split(".")
    if first != "rosenblatt":
        return None
    below = root.joinpath(*parts)
    for path in (below / "__init__.py", below.with_suffix(".py")):
        if path.is_file():
            return path
    return None


def _above(module: str, within: str, root: Path) -> Iterator[Path]:
    """Yield the `__init__.py` of each package that a module lies in."""
    parts = module.split(".")
    for count in range(len(within.split(".")), len(parts)):
        path = _file(".".join(parts[:count]), root)
        if path is not None:
            yield path


@cache
def _needs(module: str, path: Path, root: Path) -> tuple[tuple[str, ...], tuple[Path, ...]]:
    """Return the names that a source imports, and the data files that it names."""
    content = path.read_bytes()
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    names: list[str] = []
    for node in _statements(_tree(content, path).body):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = parts[: len(parts) + 1 - node.level] if node.level else []
            start = ".".join([*base, *filter(None, [node.module])])
            for alias in node.names:
                name = f"{start}.{alias.name}"
                names.append(name if _file(name, root) else start)
    data = (path.parent / name.decode() for name in DATA.findall(content))
    return tuple(names), tuple(file for file in data if file.is_file())


def _tree(content: bytes, path: Path) -> ast.Module:
    """Return the tree of a source, of its imports alone where they are plain to see.

    That is a tenth of the time, at each start. Where the word `import` stands elsewhere too, or in
    another form, all is parsed.
    """
    imports = [statement.strip() for statement in IMPORT.findall(content)]
    if len(imports) == len(re.findall(rb"\bimport\b", content)):
        with contextlib.suppress(SyntaxError):
            return ast.parse(b"\n".join(imports))
    return ast.parse(content, str(path))


def _statements(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield statements, and those within them; imports are never parts of expressions."""
    for node in body:
        yield node
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            inside = getattr(node, name, [])
            if isinstance(inside, list):
                yield from _statements(inside)
