"""The architecture, kept by a test: who may import whom, and how long things may get.

Each rule is a function from a source folder to the list of its offenders, so that the rules
themselves are tested on a small folder with one offender planted for each.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from rosenblatt.challenge.audit import banned_part

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src" / "rosenblatt"

# A module imports only from lower floors, or from its own package. A recipe, of challenge, is made
# of members, which know what a challenge asks for; the ground files serve everyone.
FLOORS: dict[str, float] = {
    "": -3,  # rosenblatt/__init__.py: the version
    "errors": -2,
    "files": -1,
    "ranges": -1,
    "arrays": -1,
    "compilation": -1,
    "escape": -1,
    "lifeline": -1,
    "phases": -1,
    "shown": -1,
    "sources": -1,
    "program": -1,
    "kept": -1,
    "kinds": -0.9,  # with ranges
    "display": -0.9,  # of phases, names from files escaped
    "cache": -0.5,  # written through files
    "kernels": 0,
    "tape": 1,
    "features": 1,
    "data": 1,
    "metrics": 1,
    "layers": 2,
    "classic": 2,
    "train": 3,
    "models": 4,
    "visualise": 4,
    "detection": 4.5,  # on networks by name
    "challenge.target": 1,
    "members": 4.8,
    "challenge": 5,
    "pipeline": 5.5,
    "export": 5.8,  # of models that are kept
    "report": 6,
    "site": 6.7,  # the gallery's cards
    "gallery": 6.5,  # its figures are drawn in the report's style
    "exercises": 6.8,  # cut where the site's excerpts are
    "cli": 7,
}
FILE_LINES = 400
FUNCTION_LINES = 40  # below the docstring
ARGUMENTS = 7  # beside self and the output
TRIED_TOGETHER = {"layers": "examples", "gallery": "def run("}  # test_contract.py, test_smoke.py


@cache
def sources(folder: Path) -> list[tuple[Path, ast.Module]]:
    return [(file.relative_to(folder), ast.parse(file.read_bytes(), str(file)))
            for file in sorted(folder.rglob("*.py"))]  # fmt: skip


@cache
def imports(file: Path, tree: ast.Module) -> list[tuple[int, str]]:
    """Return (line, absolute dotted name), also of what is imported relative to `file`."""
    package, found = ["rosenblatt", *file.parts[:-1]], []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            name = ".".join([*base, *filter(None, [node.module])])
            found += [(node.lineno, f"{name}.{alias.name}") for alias in node.names]
    return found


def unit(parts: tuple[str, ...]) -> str:
    """Return the package or single module directly below rosenblatt, "" for rosenblatt itself.

    A module of a package that has a floor of its own is a unit as well.
    """
    names = [part.removesuffix(".py") for part in parts]
    places = ".".join(names[:2]), ".".join(names[:1])
    return next((place for place in places if place in FLOORS), "")


def upward_imports(folder: Path) -> list[str]:
    offenders = []
    for file, tree in sources(folder):
        here = unit(file.parts)
        for line, name in imports(file, tree):
            package, *parts = name.split(".")
            there = unit(tuple(parts))
            if package == "rosenblatt" and there != here and FLOORS[there] >= FLOORS[here]:
                offenders.append(
                    f"{file}:{line} (floor {FLOORS[here]}) imports {name} (floor {FLOORS[there]})"
                )
    return offenders


def in_circles(folder: Path) -> list[str]:
    """List the modules that import themselves by way of others, for types alone left out."""
    trees = {".".join(["rosenblatt", *file.with_suffix("").parts]): (file, tree)
             for file, tree in sources(folder)}  # fmt: skip
    imported = {name: set(own_modules(trees, *trees[name])) - {name} for name in trees}

    def reaches_itself(start: str) -> bool:
        seen, waiting = set(), [*imported[start]]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += imported[name]
        return start in seen

    return [f"{trees[name][0]} is in a circle of imports" for name in trees if reaches_itself(name)]


def own_modules(known: dict, file: Path, tree: ast.Module) -> Iterator[str]:
    """Yield the known modules that a file imports, but not under `if TYPE_CHECKING`."""
    typing_only = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for line in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    for line, name in imports(file, tree):
        package = name.rpartition(".")[0]
        places = (name, f"{name}.__init__", package, f"{package}.__init__")
        found = next((place for place in places if place in known), None)
        if found and line not in typing_only:
            yield found


def homeless(folder: Path) -> list[str]:
    names = {file.parts[0].removesuffix(".py") for file, _ in sources(folder)} - {"__init__"}
    return sorted(names - FLOORS.keys())


def numba_outside_kernels(folder: Path) -> list[str]:
    return [
        f"{file}:{line} imports {name}"
        for file, tree in sources(folder)
        if unit(file.parts) != "kernels"
        for line, name in imports(file, tree)
        if name.split(".")[0] in ("numba", "llvmlite")
    ]


def banned_imports(folder: Path) -> list[str]:
    return [
        f"{file}:{line} imports {name}"
        for file, tree in sources(folder)
        for line, name in imports(file, tree)
        if banned_part(name)
    ]


def long_files(folder: Path) -> list[str]:
    lengths = {
        file: len((folder / file).read_text("utf-8").splitlines()) for file, _ in sources(folder)
    }
    return [f"{file}: {lines} lines" for file, lines in lengths.items() if lines > FILE_LINES]


def functions(folder: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for file, tree in sources(folder):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{file}:{node.lineno} {node.name}", node


def long_functions(folder: Path) -> list[str]:
    offenders = []
    for where, node in functions(folder):
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
        if lines > FUNCTION_LINES:
            offenders.append(f"{where}: {lines} lines")
    return offenders


def wide_functions(folder: Path) -> list[str]:
    offenders = []
    for where, node in functions(folder):
        given = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
        names = [a.arg for a in given if a.arg not in ("self", "cls") and not is_output(a.arg)]
        if len(names) > ARGUMENTS:
            offenders.append(f"{where}: {len(names)} arguments ({', '.join(names)})")
    return offenders


def untyped_returns(folder: Path) -> list[str]:
    """List public functions and methods that do not say what they return.

    Not of kernels, whose types Numba finds, nor forward and backward, whose form Layer tells.
    """
    return [
        f"{file}:{node.lineno} {node.name}"
        for file, tree in sources(folder)
        if unit(file.parts) != "kernels"
        for scope in ast.walk(tree)
        if isinstance(scope, ast.Module | ast.ClassDef)
        if not getattr(scope, "name", "").startswith("_")
        for node in scope.body
        if isinstance(node, ast.FunctionDef) and node.returns is None
        if not node.name.startswith("_") and node.name not in ("forward", "backward")
    ]


def is_output(name: str) -> bool:
    return name.split("_")[0] in ("out", "output")


RULES: dict[Callable[[Path], list[str]], dict[str, str]] = {
    upward_imports: {
        "kernels/a.py": "from rosenblatt.layers import dense",
        "layers/b.py": "def f() -> None:\n    from .. import train",
        "models/c.py": "import rosenblatt.visualise.top_patches",
        "errors.py": "from rosenblatt import tape",
    },
    in_circles: {
        "data/a.py": "from rosenblatt.data import b",
        "data/b.py": "def f() -> None:\n    from rosenblatt.data.a import x",
    },
    homeless: {"helpers/x.py": "", "misc.py": ""},
    numba_outside_kernels: {
        "train/a.py": "from numba import njit",
        "cli/b.py": "import numba.core",
    },
    banned_imports: {"classic/a.py": "from sklearn import svm"},
    long_files: {"data/a.py": "x = 1\n" * (FILE_LINES + 1)},
    long_functions: {
        "data/a.py": 'def f() -> None:\n    """Do."""\n' + "    x = 1\n" * (FUNCTION_LINES + 1)
    },
    wide_functions: {"kernels/a.py": "def f(out, a, b, c, d, e, f, g, *, h) -> None: ..."},
    untyped_returns: {"data/a.py": "def f(x): ...", "train/b.py": "class A:\n    def f(self): ..."},
}
by_name = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)


@by_name
def test_the_sources_keep_the_rule(rule):
    offenders = rule(SOURCES)
    assert not offenders, f"{rule.__name__}:\n" + "\n".join(offenders)


@by_name
def test_the_rule_catches_each_planted_offender_and_nothing_else(rule, tmp_path):
    decent = {
        "__init__.py": "__version__ = '0'",
        "errors.py": "",
        "kernels/jit.py": "from numba import njit\nfrom rosenblatt.errors import UserError",
        "layers/dense.py": "from rosenblatt.kernels import jit\nfrom .base import Layer",
        "pipeline.py": "import rosenblatt\nfrom rosenblatt.challenge import recipe",
        "data/typed.py": "if TYPE_CHECKING:\n    from rosenblatt.data.user import U",
        "data/user.py": "from rosenblatt.data.typed import T",
        "data/long.py": "x = 1\n" * FILE_LINES,
        "data/wide.py": "def f(self, a, b, c, d, e, f, *, g, out_sum) -> int: return 1",
        "kernels/core.py": "def f(x): return x",
        "layers/scale.py": "class Scale:\n    def forward(self, x): return x",
        "data/tall.py": 'def f() -> None:\n    """Do."""\n' + "    x = 1\n" * FUNCTION_LINES,
    }
    for name, text in {**decent, **RULES[rule]}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    offenders = rule(tmp_path)
    assert len(offenders) == len(RULES[rule])


def test_every_kernel_module_has_its_tests_by_name():
    modules = {path.relative_to(SOURCES / "kernels") for path in SOURCES.glob("kernels/*/[!_]*.py")}
    folder = ROOT / "tests" / "kernels"
    tested = {path.relative_to(folder) for path in folder.glob("*/test_*.py")}
    assert {module.with_name(f"test_{module.name}") for module in modules} == tested


def without_tests(folder: Path, tests: Path) -> list[str]:
    """List the modules above the kernels whose tests are not found.

    They are in test_<module>.py, in the folder of its package or beside all folders; or in a file
    that names a class or function that no other module defines, of a command the command; or in
    one that tries all of its package. A module without is a part of one that imports it.
    """
    files = {file.relative_to(tests): file.read_text("utf-8") for file in tests.rglob("test_*.py")}
    said = set(re.findall(r"\w+", " ".join(files.values())))
    trees = {".".join(["rosenblatt", *file.with_suffix("").parts]): (file, tree)
             for file, tree in sources(folder)}  # fmt: skip
    kinds = ast.FunctionDef | ast.ClassDef
    defined = {name: {node.name for node in tree.body if isinstance(node, kinds)}
               for name, (_, tree) in trees.items()}  # fmt: skip
    often = Counter(word for words in defined.values() for word in words)

    def has_tests(name: str, file: Path) -> bool:
        package, test = file.parts[0].removesuffix(".py"), f"test_{file.name}"
        if any(one.name == test and one.parts[0] in (package, test) for one in files):
            return True
        own = {word for word in defined[name] if often[word] == 1}
        own |= {file.stem} if package == "cli" else set()
        enrols = TRIED_TOGETHER.get(package, "\0") in (folder / file).read_text("utf-8")
        return enrols or not own.isdisjoint(said)

    found = {name for name, (file, _) in trees.items() if has_tests(name, file)}
    used = {module for name in found for module in own_modules(trees, *trees[name])}
    return [
        str(file)
        for name, (file, _) in trees.items()
        if name not in found | used and file.name != "__init__.py" and file.parts[0] != "kernels"
    ]


def test_the_tests_of_every_module_are_found(tmp_path):
    offenders = without_tests(SOURCES, ROOT / "tests")
    assert not offenders, "\n".join(offenders)
    for name in ("data/named.py", "data/part.py", "data/alone.py", "cli/ask.py"):
        (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src" / name).write_text("def f(): ...")
    (tmp_path / "src" / "data" / "named.py").write_text("from rosenblatt.data import part")
    (tmp_path / "tests" / "data").mkdir(parents=True)
    (tmp_path / "tests" / "data" / "test_named.py").write_text("")
    assert without_tests(tmp_path / "src", tmp_path / "tests") == ["cli/ask.py", "data/alone.py"]


def test_test_files_are_short_too():
    assert long_files(ROOT / "tests") == []


def test_start_needs_only_the_standard_library():
    tree = ast.parse((ROOT / "start.py").read_bytes())
    names = {name for _, name in imports(Path("start.py"), tree)}
    allowed = {name for name in names if name.split(".")[0] in sys.stdlib_module_names}
    assert names - allowed == {"rosenblatt.cache.cache_folder", "rosenblatt.cli.main"}


@pytest.mark.parametrize("rule", [long_functions, wide_functions])
def test_start_is_as_simple_as_the_rest(rule, tmp_path):
    (tmp_path / "start.py").write_bytes((ROOT / "start.py").read_bytes())
    assert rule(tmp_path) == []
