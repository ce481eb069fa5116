"""The zip that is handed in: what goes in, the same bytes each time, and the proof that it runs."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from rosenblatt.challenge.recipe import Final
from rosenblatt.errors import UserError
from rosenblatt.files import atomic_file

# What a hand-in holds; folders with all below that has one of the endings.
FILES = (
    "start.py",
    "pyproject.toml",
    "requirements.lock",
    "README.md",
    "LICENSE",
    "submissions/final.toml",
    "submissions/final.csv",
    "report/report.pdf",
    "report/text.md",
    "report/template.typ",
    "report/evidence.npz",
)
SOURCES, ENDINGS = "src/rosenblatt", (".py", ".toml", ".json", ".html")
SOLUTION = "solution.csv"  # of the local leaderboard: never handed in
MOMENT = (1980, 1, 1, 0, 0, 0)  # zip's zero: the time of packing would change the bytes
LIMIT = 2_000_000  # bytes, without data
MOST = 1_000_000_000  # bytes that an unpacked hand-in may have


def contents(project: Path, data: Path | None) -> dict[str, Path]:
    """Return the files of a hand-in by their names in the zip, in order; `data` is a folder in it.

    Raises UserError where one is missing, or the data lie outside the project.
    """
    found = {name: project / name for name in FILES}
    for name, path in found.items():
        if not path.is_file():
            raise UserError(f"{path}: missing; a hand-in holds {name}. {_cure(name)}")
    for path in _below(project / SOURCES):
        if path.suffix in ENDINGS:
            found[path.relative_to(project).as_posix()] = path
    if data is not None:
        if not data.resolve().is_relative_to(project.resolve()):
            raise UserError(f"{data}: lies outside {project}; move it inside and submit anew.")
        for path in _below(data):
            if path.name != SOLUTION:
                found[path.relative_to(project).as_posix()] = path
    return dict(sorted(found.items()))


def _cure(name: str) -> str:
    cures = {"report": "Make it with `report`.", "submissions": "Make it with `final FILE`."}
    return cures.get(name.split("/")[0], "Restore it.")


def _below(folder: Path) -> Iterator[Path]:
    hidden = ("__pycache__", ".")
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(hidden) for part in parts):
            yield path


def pack(out: Path, folder: str, files: dict[str, Path]) -> int:
    """Write the files into a zip, below one folder, and return its size in bytes.

    Times and rights are fixed, so equal files give equal bytes. Raises UserError as atomic_file.
    """
    with atomic_file(out) as file, zipfile.ZipFile(file, "w") as archive:
        for name, path in files.items():
            entry = zipfile.ZipInfo(f"{folder}/{name}", MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, whose rights follow
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, path.read_bytes(), compresslevel=9)
    return out.stat().st_size


def unpack(path: Path, folder: Path) -> None:
    """Unpack a zip into an empty folder.

    Raises UserError, before anything is written, for a name that leads out of the folder, a link,
    a name that occurs twice, or more bytes than a hand-in may have; and for a damaged file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive.infolist())
            archive.extractall(folder)
    except (OSError, ValueError, EOFError, RuntimeError, NotImplementedError) as error:
        raise UserError(f"{path}: cannot be unpacked ({error}); make it anew.") from error
    except zipfile.BadZipFile as error:
        raise UserError(f"{path}: is no zip, or is damaged ({error}); make it anew.") from error


def _check(entries: list[zipfile.ZipInfo]) -> None:
    """Raise ValueError for an entry that is not a plain file or folder within."""
    for entry in entries:
        name = PurePosixPath(entry.filename)
        out = name.is_absolute() or ".." in name.parts or "\\" in name.name or ":" in name.parts[0]
        if out or "\\" in entry.orig_filename:
            raise ValueError(f"{entry.filename!r} leads out of the folder")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ValueError(f"{entry.filename!r} is a link or a device")
    if len({entry.filename.lower() for entry in entries}) != len(entries):
        raise ValueError("a name occurs twice")
    if sum(entry.file_size for entry in entries) > MOST:
        raise ValueError("it would take more than 1 GB")


def prove(path: Path, data: Path, final: Final, fresh: bool = True) -> float:
    """Unpack a hand-in into an empty folder, reproduce its submission there, audit it.

    `data` is the challenge folder, put in its place where the zip has none. A fresh environment is
    made by the hand-in's own start script; without `fresh`, the present one is used.
    Return the seconds it took. Raises UserError naming the step that failed.
    """
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="rosenblatt-proof-") as empty:
        unpack(path, Path(empty))
        folder = next(Path(empty).iterdir())
        place = folder / final.challenge
        if not place.exists():
            shutil.copytree(data, place, ignore=shutil.ignore_patterns(SOLUTION))
        for command in ("reproduce", "audit"):
            _run(folder, command, fresh)
    return time.perf_counter() - start


def _run(folder: Path, command: str, fresh: bool) -> None:
    """Run a command of the start script in `folder`, as someone would who has Python alone."""
    python = getattr(sys, "_base_executable", sys.executable) if fresh else sys.executable
    setup = [] if fresh else ["--no-setup"]
    private = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    environment = {key: value for key, value in os.environ.items() if key not in private}
    done = subprocess.run(
        [python, "start.py", *setup, command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
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
