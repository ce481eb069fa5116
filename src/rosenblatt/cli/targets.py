"""What a command writes never takes the place of what it reads, nor of what another one made.

This is the one place that knows inputs and outputs of all commands; it is asked before the work.
"""

import argparse
import os
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import rosenblatt
from rosenblatt.cli.project import final_file, submissions
from rosenblatt.errors import UserError
from rosenblatt.files import check_writable

PICTURES = (".png", ".pdf", ".svg")
ENDINGS = {
    "json": (".json",),
    "keep": (".npz",),
    "worst": PICTURES,
    "out_of_fold": (".csv",),
    "table": (".csv",),
}  # of what an option writes
OUT = {
    "submit": (".csv",),
    "reproduce": (".csv",),
    "predict": (".csv",),
    "export": (".py",),
    "search": (".toml",),
    "package": (".zip",),
    "inspect": PICTURES,
    "leaderboard": PICTURES,
    "explain": PICTURES,
    "exercise": (".py",),
}
FOLDERS = ("results", "into", "plots", "kept")  # options that name a folder to write into
OTHERS = ("command", "words", "run", "project")  # arguments that name no file to be read
SHEET = "-samples.png"  # what `inspect` draws by itself, in the working directory
PROGRAM = Path(rosenblatt.__file__).parent


def check_targets(arguments: argparse.Namespace) -> None:
    """Raise UserError where an output would replace something else than an earlier one.

    That is: another output; a file that the command reads; the ledger, the final submission and
    its recipe, the report's evidence; a file of a challenge folder; a file of another kind; where
    standard output goes; a part of this program.
    """
    endings = ENDINGS | {"out": OUT.get(arguments.command, ())}
    files = dict(_given(arguments, endings))
    read = list(_read(arguments, (*endings, *FOLDERS, *OTHERS)))
    earlier: dict[str, Path] = {}
    for option, path in files.items():
        for other, its_path in earlier.items():
            if _same(path, its_path):
                raise _refused(path, f"--{other} is the same file as --{option}")
        earlier[option] = path
        if any(_same(path, one) for one in read):
            raise _refused(path, "the command reads it")
        _check_file(arguments, path, endings[option])
    for _, path in _given(arguments, FOLDERS):
        if any(_same(path, one) for one in read):
            raise _refused(path, "the command reads that folder")


def target(arguments: argparse.Namespace, default: Path) -> Path:
    """Return where --out sends a command's file, or else its default, checked before the work.

    Raises UserError as check_targets and check_writable.
    """
    if arguments.out is None:
        arguments.out = default
        check_targets(arguments)
        check_writable(default)
    return arguments.out


def _check_file(arguments: argparse.Namespace, path: Path, endings: tuple[str, ...]) -> None:
    """Raise UserError where a file that is written has another meaning already."""
    from rosenblatt.data.source import is_hand_in

    final = final_file(arguments)
    ledgers = (submissions(arguments) / "ledger.csv", path.with_name("ledger.csv"))
    meanings = {
        "it is the ledger, to which lines are only added": ledgers,
        "it is the final submission, which `final` writes": (final, final.with_suffix(".csv")),
        "it is what the report was measured from": (arguments.project / "report" / "evidence.npz",),
    }
    for meaning, places in meanings.items():
        if any(_same(path, place) for place in places):
            raise _refused(path, meaning)
    if path.parent.name == "recipes" and path.parent.with_name("ledger.csv").exists():
        raise _refused(path, "the recipes of the ledger's runs are kept there")
    if _is_standard_output(path):
        raise _refused(path, "standard output goes there (--json - writes to that)")
    if path.resolve().is_relative_to(PROGRAM):
        raise _refused(path, "it would be a part of this program")
    if _is_challenge(path.parent) and not path.name.endswith(SHEET):
        _check_in_challenge(path)
    if path.exists() and path.suffix.lower() not in endings:
        raise _refused(path, f"it exists, and is no {' or '.join(endings)} that could be renewed")
    if path.exists() and path.suffix.lower() == ".zip" and not is_hand_in(path):
        raise _refused(path, "it exists, and is no hand-in that could be renewed")


def _check_in_challenge(path: Path) -> None:
    if path.exists():
        raise _refused(path, "it is there already, in a challenge's folder")
    if path.suffix.lower() not in (*PICTURES, ".json", ".npz"):
        raise _refused(path, "it would be read as a file of the challenge in that folder")


def _is_challenge(folder: Path) -> bool:
    from rosenblatt.challenge.formats import sniff
    from rosenblatt.challenge.settings import FILE

    try:
        return os.path.exists(folder / FILE) or sniff(folder) is not None
    except UserError:
        return False


def _given(arguments: argparse.Namespace, names: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Yield name and path of those options that were given; "-" is no path."""
    for name in names:
        value = getattr(arguments, name, None)
        if isinstance(value, Path):
            yield name, value


def _read(arguments: argparse.Namespace, outputs: Iterable[str]) -> Iterator[Path]:
    """Yield what else on the command line is the name of something that exists; files within."""
    for name, value in vars(arguments).items():
        for one in value if isinstance(value, list) else [value]:
            if name not in outputs and isinstance(one, str | Path) and os.path.exists(one):
                yield (path := Path(one))
                if path.is_dir():
                    with suppress(OSError):  # the command itself will say that it may not be read
                        files = list(path.iterdir())
                        yield from (file for file in files if not file.name.endswith(SHEET))


def _same(one: Path, other: Path) -> bool:
    """Say whether two paths lead to one file, by links too, or will where there is none yet."""
    try:
        return one.samefile(other)
    except OSError:
        return _folded(one) == _folded(other)


def _folded(path: Path) -> str:
    """Return a path as file systems see it that take upper and lower case for the same."""
    return unicodedata.normalize("NFC", str(path.resolve())).casefold()


def _is_standard_output(path: Path) -> bool:
    for number in (1, 2):
        try:
            if os.path.samestat(os.fstat(number), path.stat()):
                return True
        except OSError:
            continue
    return False


def _refused(path: Path, reason: str) -> UserError:
    return UserError(f"{path}: is not written: {reason}; give another name. Nothing was changed.")
