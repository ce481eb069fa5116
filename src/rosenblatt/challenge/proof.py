"""The proof that a hand-in runs: unpacked where nothing of its author's can be reached."""

import os
import shutil
import site
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rosenblatt.challenge import guard
from rosenblatt.challenge.package import SOLUTION, unpack
from rosenblatt.challenge.recipe import Final
from rosenblatt.errors import UserError
from rosenblatt.lifeline import MARK, program_input

# What would lead a hand-in to its author's files, or to an environment that is made already.
PRIVATE = ("PYTHONPATH", "PYTHONHOME", "PYTHONPYCACHEPREFIX", "VIRTUAL_ENV", "ROSENBLATT_VENV",
           "NUMBA_CACHE_DIR")  # fmt: skip
PIP_SETTINGS = (".config/pip/pip.conf", ".pip/pip.conf", "Library/Application Support/pip/pip.conf")


def prove(path: Path, project: Path, data: Path, final: Final, fresh: bool = True) -> float:
    """Unpack a hand-in into an empty folder, reproduce its submission there, audit it.

    The home folder is an empty one, and nothing in the author's own, in the project or in `data`
    can be opened, by whatever path. `data` is the challenge folder, copied to its place where the
    zip has none. A fresh environment is made by the hand-in's own start script; without `fresh`,
    the present one is used. Return the seconds it took. Raises UserError naming the failed step.
    """
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="rosenblatt-proof-") as empty:
        place = Path(empty).resolve()
        unpack(path, place / "unpacked")
        folder = next((place / "unpacked").iterdir())
        challenge = folder / final.challenge
        if not challenge.exists():
            shutil.copytree(data, challenge, ignore=shutil.ignore_patterns(SOLUTION))
        environment = closed_off(place, [project, data], fresh)
        for command in ("reproduce", "audit"):
            _run(folder, command, environment, fresh)
    return time.perf_counter() - start


def closed_off(place: Path, own: list[Path], fresh: bool) -> dict[str, str]:
    """Return the environment of a proof at `place`: another home, and the guard in front."""
    home, nowhere = place / "home", place / "guard"
    home.mkdir()
    nowhere.mkdir()
    shutil.copy(guard.__file__, nowhere / "sitecustomize.py")
    environment = {key: value for key, value in os.environ.items() if key not in PRIVATE}
    packages = [sys.prefix, sys.base_prefix, *site.getsitepackages(), site.getusersitepackages()]
    cache = _pip_cache()
    if not fresh:
        environment["PYTHONUSERBASE"] = site.getuserbase()
    if cache:
        environment["PIP_CACHE_DIR"] = cache
    for settings in (Path.home() / name for name in PIP_SETTINGS):
        if settings.is_file():
            environment.setdefault("PIP_CONFIG_FILE", str(settings))
            packages.append(str(settings))
    closed = [path.resolve() for path in (*own, Path.home())]
    opened = [str(place), cache, *(os.path.realpath(path) for path in packages)]
    return environment | {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "LOCALAPPDATA": str(home / "local"),
        "PYTHONPATH": str(nowhere),
        guard.CLOSED: os.pathsep.join(str(path) for path in closed if path != path.parent),
        guard.OPEN: os.pathsep.join(filter(None, opened)),
    }


def _python(fresh: bool) -> str:
    return getattr(sys, "_base_executable", sys.executable) if fresh else sys.executable


def _pip_cache() -> str:
    """Return where pip keeps what it has downloaded, which is nobody's data; "" without pip."""
    command = [sys.executable, "-m", "pip", "cache", "dir"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return os.path.realpath(done.stdout.strip()) if done.returncode == 0 else ""


def _run(folder: Path, command: str, environment: dict[str, str], fresh: bool) -> None:
    """Run a command of the start script in `folder`, as someone would who has Python alone."""
    setup = [] if fresh else ["--no-setup"]
    with program_input() as given:
        done = subprocess.run(
            [_python(fresh), "start.py", *setup, command],
            cwd=folder,
            env=environment | {MARK: "1"},
            stdin=given,
            stdout=subprocess.PIPE,
            text=True,
            errors="replace",
            check=False,
        )
    if done.returncode != 0:
        said = " / ".join(done.stdout.strip().splitlines()[-5:]) or "see the lines above"
        raise UserError(
            f"the hand-in fails: `start.py {command}` ends in {done.returncode}: {said}"
        )
