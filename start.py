"""Reproduce the final submission, or run any command, on a machine that has only Python.

    python start.py                    train the final recipe, write its submission, compare
    python start.py COMMAND ...        a command of rosenblatt; --help lists them
    python start.py test [OPTIONS]     the tests; the options go to pytest
    python start.py coverage           the tests, then the lines of src/ that they never ran
    python start.py lint               style and types

Where the interpreter lacks the packages of requirements.lock, they are installed into `.venv`
beside this file, once, or into the folder that ROSENBLATT_VENV names. With `--no-setup` nothing is
installed: the interpreter must have what pyproject.toml asks for, in these versions or newer.

Only the standard library is imported here, and only syntax that Python 3.6 reads is used, so that
an old Python answers with a sentence instead of a syntax error.
"""

import os
import platform
import re
import signal
import subprocess
import sys
import time

OLDEST = (3, 11)
NEWEST = (3, 14)  # that the locked wheels were built for
SUPPORTED = "Python {}.{} to {}.{}".format(*OLDEST, *NEWEST)

HOME = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.abspath(os.environ.get("ROSENBLATT_VENV") or os.path.join(HOME, ".venv"))
OURS = os.path.join(VENV, "made-by-start.py")  # an environment without it is somebody else's
UNFINISHED = os.path.join(VENV, "unfinished")  # there while pip works: a killed set-up is seen
PROJECT = os.path.join(HOME, "pyproject.toml")
LOCK = os.path.join(HOME, "requirements.lock")
TEST_LOCK = os.path.join(HOME, "requirements-test.lock")

# A process a core, as most of the time is the compiler's. Coverage cannot see into compiled
# kernels: the tests that reach them run once more with the compiler off. A process that a test took
# down is replaced once: one that waits for ever, see pyproject.toml, does not wait again and again.
SPREAD = "-n auto --dist loadfile --no-loadscope-reorder --max-worker-restart 1"
TOOLS = {
    "test": [f"pytest {SPREAD}"],
    "coverage": [
        "coverage erase",
        f"coverage run -m pytest {SPREAD}",
        "NUMBA_DISABLE_JIT=1 coverage run -m pytest -n auto --dist loadfile tests/kernels"
        " tests/features tests/layers tests/classic tests/detection"
        " tests/models/test_segmenting.py",
        "coverage combine --quiet",
        "coverage report",
    ],
    "lint": ["ruff check", "ruff format --check", "mypy"],
}


class SetUpError(Exception):
    """There is no environment to run in: the message says why, and the cure."""


def main(arguments: list) -> int:
    """Run one command line where the locked packages are at hand; return its exit code."""
    if sys.version_info[:2] < OLDEST:
        raise SetUpError(f"this is Python {platform.python_version()}: use {SUPPORTED}.")
    may_install = "--no-setup" not in arguments
    command, *options = [word for word in arguments if word != "--no-setup"] or ["reproduce"]
    locks = [LOCK, TEST_LOCK] if command in TOOLS else [LOCK]
    differing = unmet(locks, sys.path)
    if differing and may_install:
        return run_in_venv(locks, [command, *options])
    if differing:
        check_bounds(differing, command in TOOLS)
    if command in TOOLS:
        return run_tool(command, options)
    sys.path.insert(0, os.path.join(HOME, "src"))
    keep_bytecode()
    from rosenblatt.cli import main as command_line

    return command_line([command, *options], HOME)


def keep_bytecode() -> None:
    """Let compiled modules lie in the cache where the environment keeps them from the sources.

    A short command would spend a third of its time on compiling them. Workers find them there too.
    """
    if sys.dont_write_bytecode and not sys.pycache_prefix:
        from rosenblatt.cache import cache_folder

        sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(cache_folder() / "bytecode")
        sys.dont_write_bytecode = False


def check_bounds(differing: list, tools: bool) -> None:
    """Raise SetUpError where this interpreter's packages are below pyproject.toml's bounds.

    Otherwise say on standard error where they differ from the lock.
    """
    missing = below(bounds(tools), sys.path)
    if missing:
        raise SetUpError(
            f"{sys.executable} lacks {listed(missing)}: run without --no-setup, or install "
            "the locked packages into it."
        )
    print(
        f"start.py: note: other versions than the locked ones: {listed(differing)}; "
        "the submission is promised with the locked ones.",
        file=sys.stderr,
    )


def listed(packages: list) -> str:
    """Return the first packages of a list in words."""
    return ", ".join(packages[:3]) + " ..." * (len(packages) > 3)


def bounds(tools: bool) -> list:
    """List the (name, least version) that pyproject.toml asks for, with the tools' groups or not.

    Only those without a marker count; an entry that is no text includes another group.
    """
    import tomllib

    with open(PROJECT, "rb") as file:
        project = tomllib.load(file)
    lines = list(project["project"]["dependencies"])
    if tools:
        groups = project["dependency-groups"]
        lines += [line for name in ("test", "lint") for line in groups[name]]
    return re.findall(r"^([\w.-]+)>=([\d.]+)$", "\n".join(map(str, lines)), re.MULTILINE)


def below(least: list, path: list) -> list:
    """List the packages that the folders of `path` lack, or have in too old a version."""

    def release(version: str) -> list:
        return [int(part) for part in re.findall(r"\d+", version.split("+")[0])]

    found = [(name, version, installed(name, path)) for name, version in least]
    return [
        f"{name} {version} or newer" + (f" (has {has})" if has else "")
        for name, version, has in found
        if has is None or release(has) < release(version)
    ]


def unmet(locks: list, path: list) -> list:
    """List the locked packages that the folders of `path` lack or have in another version.

    This reads the metadata that pip leaves beside each package, and imports none of them.
    """
    found = [(name, version, installed(name, path)) for name, version in locked(locks)]
    return [
        f"{name} {version}" + (f" (has {has})" if has else "")
        for name, version, has in found
        if has != version
    ]


def installed(name: str, path: list):
    """Return the version of a package that the folders of `path` hold, or None."""
    from importlib.metadata import distributions

    headers = [package.read_text("METADATA") for package in distributions(name=name, path=path)]
    found = re.findall(r"^Version: *(\S+)", headers[0] or "", re.MULTILINE) if headers else []
    return found[0] if found else None


def locked(locks: list) -> list:
    """List the (name, version) of each package that the lock files ask for on this platform."""
    packages = {}
    for lock in locks:
        with open(lock, encoding="utf-8") as file:
            for name, version, marker in re.findall(
                r"^([\w.-]+)==([^\s;]+)(?: *;([^\\\n]*))?", file.read(), re.MULTILINE
            ):
                if applies(marker.strip() or "True"):
                    packages[name] = version
    return sorted(packages.items())


def applies(marker: str) -> bool:
    """Tell whether an environment marker holds here: it is written as a Python expression."""
    names = {
        "python_full_version": platform.python_version(),  # 3.11 to 3.14 compare well as texts
        "sys_platform": sys.platform,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
    }
    return eval(marker, {"__builtins__": {}}, names)


def run_in_venv(locks: list, arguments: list) -> int:
    """Complete `.venv` where need be, then run the command line in it."""
    try:
        if not ready(locks):
            set_up(locks)
        command = [venv_python(), os.path.abspath(__file__), "--no-setup", *arguments]
        if os.name == "nt":  # there exec returns to the prompt before the command has ended
            return call(command)
        sys.stderr.flush()
        os.execv(command[0], command)
    except OSError as error:
        raise SetUpError(
            f"{VENV} cannot be used ({error}): remove it, or set ROSENBLATT_VENV to another "
            "folder, and run again."
        ) from error


def ready(locks: list) -> bool:
    """Tell whether `.venv` is whole, of this Python version, and has what the locks ask for."""
    whole = os.path.exists(venv_python()) and not os.path.exists(UNFINISHED)
    return whole and not unmet(locks, [venv_packages()])


def venv_python(windows: bool = os.name == "nt") -> str:
    """Return the path of the interpreter in `.venv`."""
    return os.path.join(VENV, *(["Scripts", "python.exe"] if windows else ["bin", "python"]))


def venv_packages() -> str:
    """Return the folder in `.venv` where this version of Python looks for packages."""
    import sysconfig

    return sysconfig.get_path("purelib", "venv", {"base": VENV})


def set_up(locks: list) -> None:
    """Make `.venv`, or add the test tools to it; what an earlier run left half done is replaced."""
    from importlib.util import find_spec

    if sys.version_info[:2] > NEWEST:
        raise SetUpError(
            f"the locked packages are not made for Python {platform.python_version()}: "
            f"use {SUPPORTED}, or --no-setup with packages of your own."
        )
    if not (find_spec("venv") and find_spec("ensurepip")):
        raise SetUpError(
            f"{sys.executable} came without venv or ensurepip: install them "
            "(Debian and Ubuntu: apt install python3-venv) or use another Python."
        )
    if os.path.isdir(VENV) and os.listdir(VENV) and not os.path.exists(OURS):
        raise SetUpError(
            f"{VENV} was not made by start.py and lacks what the lock asks for: set "
            "ROSENBLATT_VENV to another folder, remove it, or run its own Python with --no-setup."
        )
    afresh = not ready([LOCK])
    what = "locked packages (500 MB)" if afresh else "test tools"
    print(f"start.py: installing the {what} into {VENV}, once ...", file=sys.stderr, flush=True)
    os.makedirs(VENV, exist_ok=True)
    for mark in (OURS, UNFINISHED):  # before all else: what is left half done is known as ours
        open(mark, "w").close()
    if afresh:
        empty()
        step([sys.executable, "-m", "venv", VENV], "Is there space?")
    pip = [venv_python(), "-m", "pip", "install", "--quiet", "--no-input", "--no-user", "--compile"]
    exactly = ["--require-hashes", "--no-deps", "--only-binary", ":all:"]
    files = [word for lock in locks for word in ("-r", lock)]
    step(pip + exactly + files, "Is there a network, and space for 700 MB?")
    os.remove(UNFINISHED)


def empty() -> None:
    """Remove all but the marks from `.venv`, which is ours."""
    import shutil

    for entry in os.scandir(VENV):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        elif entry.path not in (OURS, UNFINISHED):
            os.remove(entry.path)


def step(command: list, doubt: str) -> None:
    """Run a step of the set-up without its chatter; raise SetUpError with its own last word."""
    begun = time.monotonic()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    said = None
    while said is None:
        try:
            said = process.communicate(timeout=8)[0]
        except subprocess.TimeoutExpired:
            taken = round(time.monotonic() - begun)
            print(f"start.py: still installing, {taken} s so far", file=sys.stderr, flush=True)
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        errors = [line for line in lines if line.upper().startswith("ERROR")] or lines or ["?"]
        reason = re.sub("^error: ", "", errors[-1], flags=re.IGNORECASE)
        raise SetUpError(f"the set-up failed: {reason} ({doubt} The next run starts it again.)")


def run_tool(name: str, options: list) -> int:
    """Run the steps of a tool in the project's folder until one fails; options go to each step."""
    for line in TOOLS[name]:
        words = line.split()
        settings = dict(word.split("=") for word in words if "=" in word)
        module = [word for word in words if "=" not in word]
        print("start.py:", line, *options, flush=True)
        code = call(
            [sys.executable, "-m", *module, *options], cwd=HOME, env={**os.environ, **settings}
        )
        if code != 0:
            return code
    return 0


def call(command: list, **how) -> int:
    """Run a command to its end. Ctrl-C reaches the command as well, and is its to answer."""
    process = subprocess.Popen(command, **how)
    # Not a KeyboardInterrupt: one inside wait() can lose the command's exit code.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        code = process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetUpError as error:
        print(f"start.py: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("start.py: stopped; the next run goes on from here.", file=sys.stderr)
        sys.exit(130)
