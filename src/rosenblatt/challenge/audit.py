"""The do-it-yourself rule, checked three ways: what is imported, installed and loaded."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from rosenblatt.errors import UserError
from rosenblatt.lifeline import MARK, program_input
from rosenblatt.phases import phase
from rosenblatt.program import PACKAGE

# Imports every module of the package, trains the embedded challenge for a few epochs in this one
# process, and prints what that loaded and what could not be imported.
PROBE = """
import contextlib, importlib, json, os, pkgutil, sys, tempfile
import rosenblatt
failed, code = {}, 0
for module in pkgutil.walk_packages(rosenblatt.__path__, "rosenblatt."):
    if not module.name.endswith(".__main__"):
        try:
            importlib.import_module(module.name)
        except Exception as error:
            failed[module.name] = (getattr(error, "name", None) or "", str(error))
if os.path.isdir("data/digits") and not failed:
    from rosenblatt.cli import main
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        out = os.path.join(folder, "audit.csv")
        code = main(["submit", "data/digits", "--quick", "--threads", "1", "--out", out])
print(json.dumps({"loaded": sorted(sys.modules), "failed": failed}))
sys.exit(code)
"""


def _read_banned() -> tuple[dict[str, tuple[str, str]], dict[str, tuple[str, str]]]:
    """Return the banned modules and distributions, each with its family and the reason."""
    families = tomllib.loads(Path(__file__).with_name("banned.toml").read_text("utf-8"))
    modules: dict[str, tuple[str, str]] = {}
    packages: dict[str, tuple[str, str]] = {}
    for family, table in families.items():
        modules |= dict.fromkeys(table["modules"], (family, table["why"]))
        names = map(canonicalize_name, table["modules"] + table["distributions"])
        packages |= dict.fromkeys(names, (family, table["why"]))
    return modules, packages


BANNED_MODULES, BANNED_DISTRIBUTIONS = _read_banned()
PLAIN = "numpy", "matplotlib"  # what "numpy-only" allows beside the standard library


@dataclass(frozen=True)
class Finding:
    """One breach of the rule: `where` it stands, and the `chain` of names up to the banned one."""

    where: str
    chain: tuple[str, ...]
    family: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {' -> '.join(self.chain)} is banned ({self.family}: {self.why})"


@dataclass(frozen=True)
class Check:
    """One of the three ways: what was looked at, and what was found."""

    name: str
    looked_at: str
    findings: tuple[Finding, ...]


def audit(root: Path | str) -> list[Check]:
    """Check the project in folder `root`, or the installed PACKAGE, in all three ways.

    Raises UserError where `root` is not a project with src/, start.py and requirements.lock, or
    where a source cannot be parsed or imported.
    """
    root = Path(root)
    for name in ("src", "start.py", "requirements.lock") if root != PACKAGE else ():
        if not (root / name).exists():
            raise UserError(f"{root / name}: missing; audit the folder of a project's sources.")
    found = []
    for check in (check_imports, check_dependencies, check_run):
        with phase(check.__name__.replace("_", "ing ", 1)):
            found.append(check(root))
    return found


def check_imports(root: Path) -> Check:
    """Look for banned imports in the syntax trees of `src/` and `start.py`, or of PACKAGE."""
    starts, sources = ([], root) if root == PACKAGE else ([root / "start.py"], root / "src")
    files = [*starts, *sorted(sources.rglob("*.py"))]
    findings = tuple(
        Finding(f"{file.relative_to(root)}:{line}", (module,), *BANNED_MODULES[banned])
        for file in files
        for line, module in imported_modules(file)
        if (banned := banned_part(module))
    )
    return Check("imports", f"{len(files)} source files", findings)


def check_scripts(folder: Path, rules: str) -> Check:
    """Look for what a course's rules ban in the imports of the scripts that lie in a folder.

    rules: as in challenge.toml; "numpy-only" allows the standard library, NumPy, Matplotlib and
    the scripts themselves. Raises UserError where there is no script, or one is not Python.
    """
    files = sorted(folder.glob("*.py"))
    if not files:
        raise UserError(f"{folder}: holds neither src/ nor a script; audit a folder with either.")
    own = {*sys.stdlib_module_names, *PLAIN, *(file.stem for file in files)}
    findings = []
    for file in files:
        for line, module in imported_modules(file):
            banned, where = banned_part(module), f"{file.name}:{line}"
            if banned:
                findings.append(Finding(where, (module,), *BANNED_MODULES[banned]))
            elif rules == "numpy-only" and module.split(".")[0] not in own:
                findings.append(Finding(where, (module,), rules, "NumPy alone, and Matplotlib"))
    return Check(f"scripts, {rules}", f"{len(files)} source files", tuple(findings))


def imported_modules(file: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of all that a source file imports, at any depth.

    `from a import b` gives `a.b`. `importlib.import_module` and `__import__` count where the name
    is written out. Imports relative to the package are left out, as they stay inside it.
    Raises UserError where the file is not Python.
    """
    try:
        tree = ast.parse(file.read_bytes(), str(file))
    except SyntaxError as error:
        raise UserError(f"{file}, line {error.lineno}: not Python ({error.msg}).") from error
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=str(module), level=0, names=names):
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in names)
            case ast.Call(
                func=ast.Name(id="__import__" | "import_module")
                | ast.Attribute(attr="__import__" | "import_module"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield node.lineno, module


def banned_part(module: str) -> str | None:
    """Return the banned name that a dotted module name is or stands inside, or None."""
    parts = module.split(".")
    names = (".".join(parts[:end]) for end in range(1, len(parts) + 1))
    return next((name for name in names if name in BANNED_MODULES), None)


def check_dependencies(root: Path, path: Iterable[str] | None = None) -> Check:
    """Follow what the locked packages, or PACKAGE, require, by their installed metadata.

    `path` lists the folders of installed packages (default: those of this interpreter). Each
    finding's chain starts at a dependency of pyproject.toml, or at a package nothing requires.
    """
    if root == PACKAGE:
        where, declared, locked = "installed", {"rosenblatt"}, set()
    else:
        where, declared, locked = "requirements.lock", _declared(root), _locked(root)
    requirers = _requirers(declared | locked, path)
    findings = tuple(
        Finding(where, _chain(name, declared, requirers), *BANNED_DISTRIBUTIONS[name])
        for name in sorted(requirers.keys() & BANNED_DISTRIBUTIONS.keys())
    )
    return Check("dependencies", f"{len(requirers)} packages", findings)


def check_loaded(modules: Iterable[str] | None = None) -> Check:
    """Look for banned libraries among loaded modules (default: this process's, at this moment)."""
    names = list(sys.modules if modules is None else modules)
    banned = sorted({part for name in names if (part := banned_part(name))})
    findings = tuple(Finding("sys.modules", (part,), *BANNED_MODULES[part]) for part in banned)
    return Check("loaded", f"{len(names)} modules", findings)


def check_run(root: Path) -> Check:
    """Import all of `src/rosenblatt` and train a little, in a new process; see what that loads.

    Raises UserError where it cannot be imported or trained, unless a banned library is missing.
    """
    sources = root.parent if root == PACKAGE else root.absolute() / "src"
    paths = [str(sources), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), MARK: "1"}
    with program_input() as given:
        done = subprocess.run(
            [sys.executable, "-c", PROBE],
            cwd=root,
            env=environment,
            stdin=given,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise UserError(f"{sources}: the package cannot be imported or trained ({last}).")
    result = json.loads(done.stdout.splitlines()[-1])
    for module, (culprit, message) in result["failed"].items():
        if not banned_part(culprit):  # a banned library that is not even there: found in imports
            raise UserError(f"{sources}: {module} cannot be imported ({message}).")
    return check_loaded(result["loaded"])


def _locked(root: Path) -> set[str]:
    lock = (root / "requirements.lock").read_text("utf-8")
    return {canonicalize_name(name) for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}


def _declared(root: Path) -> set[str]:
    file = root / "pyproject.toml"
    project = tomllib.loads(file.read_text("utf-8")).get("project", {}) if file.exists() else {}
    return {canonicalize_name(Requirement(line).name) for line in project.get("dependencies", [])}


def _requirers(roots: set[str], path: Iterable[str] | None) -> dict[str, set[str]]:
    """Map every package that `roots` lead to to the packages that require it."""
    found = distributions() if path is None else distributions(path=list(path))
    requires: dict[str, list[str]] = {}
    for package in found:
        if package.metadata:  # empty where an installation was broken off
            requires.setdefault(canonicalize_name(package.name), package.requires or [])
    requirers: dict[str, set[str]] = {name: set() for name in roots}
    queue = [(name, "") for name in roots]
    seen = set(queue)
    while queue:
        name, extra = queue.pop()
        for requirement in map(Requirement, requires.get(name, [])):
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            needed = canonicalize_name(requirement.name)
            requirers.setdefault(needed, set()).add(name)
            news = {(needed, extra) for extra in ("", *requirement.extras)} - seen
            queue += news
            seen |= news
    return requirers


def _chain(name: str, declared: set[str], requirers: dict[str, set[str]]) -> tuple[str, ...]:
    """Return the shortest way to a package from a declared one, or from one nothing requires."""
    ways: deque[tuple[str, ...]] = deque([(name,)])
    seen = {name}
    while ways:
        way = ways.popleft()
        if way[0] in declared or not requirers[way[0]]:
            return way
        news = sorted(requirers[way[0]] - seen)
        ways += [(requirer, *way) for requirer in news]
        seen.update(news)
    return (name,)
