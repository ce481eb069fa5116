"""The zip that is handed in: what goes in, the same bytes each time, and what is refused."""

import hashlib
import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

from rosenblatt.challenge.recipe import Final
from rosenblatt.data.source import HAND_IN
from rosenblatt.errors import UserError
from rosenblatt.files import atomic_file
from rosenblatt.program import PACKAGE, program_file

# What a hand-in holds; folders with all below that has one of the endings.
PROGRAM = ("start.py", "pyproject.toml", "requirements.lock", "README.md", "LICENSE")
FILES = (
    "submissions/final.toml",
    "submissions/final.csv",
    "report/report.pdf",
    "report/text.md",
    "report/template.typ",
    "report/evidence.npz",
)
SOURCES, ENDINGS = "src/rosenblatt", (".py", ".pyi", ".toml", ".json", ".html")
SOLUTION = "solution.csv"  # of the local leaderboard: never handed in
MOMENT = (1980, 1, 1, 0, 0, 0)  # zip's zero: the time of packing would change the bytes
LIMIT = 2_000_000  # bytes, without data
MOST = 1_000_000_000  # bytes that an unpacked hand-in may have
TEXTS = (".py", ".pyi", ".toml", ".md", ".typ", ".html", ".json")
ABSOLUTE = re.compile(r"""(?<![\w.~/\\:<-])(?:/|[A-Za-z]:[\\/])[^\s"'`<>|;,()\[\]{}*?]+""")
EVERYWHERE = ("/bin/", "/dev/", "/etc/", "/proc/", "/sys/", "/usr/")


def contents(project: Path, data: Path | None) -> dict[str, Path]:
    """Return the files of a hand-in by their names in the zip, in order; `data` is a folder in it.

    A project without sources is handed in with those of the program. Raises UserError where a file
    is missing.
    """
    found = {name: project / name for name in FILES}
    for name, path in found.items():
        if not path.is_file():
            raise UserError(f"{path}: missing; a hand-in holds {name}. {_cure(name)}")
    own = (project / SOURCES).is_dir()
    found |= {name: project / name if own else program_file(name) for name in PROGRAM}
    sources = project / SOURCES if own else PACKAGE
    for path in _below(sources):
        if path.suffix in ENDINGS:
            found[f"{SOURCES}/{path.relative_to(sources).as_posix()}"] = path
    if data is not None:
        found |= data_files(project, data)
    return dict(sorted(found.items()))


def data_files(project: Path, data: Path) -> dict[str, Path]:
    """Return the files of a challenge's folder in a project by their names there."""
    found = (path for path in _below(data) if path.name != SOLUTION)
    return {path.relative_to(project).as_posix(): path for path in found}


def check_final(project: Path, final: Final) -> None:
    """Raise UserError where the final submission is not as `final` wrote it, or leads out.

    The folder of its challenge must be within the project, by a path that holds on any computer.
    """
    place = project / "submissions" / "final.toml"
    folder = final.challenge
    absolute = PurePosixPath(folder).is_absolute() or PureWindowsPath(folder).drive
    if absolute or ".." in PurePath(folder).parts:
        raise UserError(
            f"{place}: challenge = {folder!r} lies outside the project, where nobody who unpacks "
            "the hand-in would find it. Copy it into data/ and run `final FILE data/NAME` again."
        )
    submission = place.with_suffix(".csv")
    found = hashlib.sha256(submission.read_bytes()).hexdigest() if submission.is_file() else ""
    if found != final.submission:
        raise UserError(f"{submission}: is not the file that {place} promises; run `final FILE`.")


def check_paths(files: dict[str, Path]) -> None:
    """Raise UserError for a text that names a file or folder of this computer by an absolute path.

    Where nothing stands at the path, or what every system has, it is not taken for one.
    """
    for path in (path for path in files.values() if path.suffix in TEXTS):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, 1):
            for found in ABSOLUTE.findall(line):
                if not found.startswith(EVERYWHERE) and _stands(found):
                    raise UserError(
                        f"{path}: line {number}: {found[:200]} is a place on this computer, which "
                        f"nobody who unpacks the hand-in has; write it relative to the project."
                    )


def _stands(path: str) -> bool:
    try:
        return len(PurePath(path).parts) > 2 and Path(path).exists()
    except (OSError, ValueError):  # too long, a NUL
        return False


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
        archive.comment = HAND_IN
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
        raise UserError(f"{path}: cannot be unpacked ({error}); make it again.") from error
    except zipfile.BadZipFile as error:
        raise UserError(f"{path}: is not a zip, or is damaged ({error}); make it again.") from error


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
