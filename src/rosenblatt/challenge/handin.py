"""Hand-ins: which run wrote a file, how many of the day are left, which file is the final one."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from rosenblatt.challenge import ledger
from rosenblatt.challenge.formats import load_challenge
from rosenblatt.challenge.ledger import Run
from rosenblatt.challenge.recipe import Final
from rosenblatt.challenge.recipe_file import find_recipe, to_toml
from rosenblatt.data.text import check_file
from rosenblatt.errors import UserError
from rosenblatt.files import atomic_file, write_atomic

WROTE, NOTED, SCORED = "submit", "submitted", "scored"  # first words of commands in the ledger


def ledger_of(file: Path) -> Path:
    """Return the ledger beside a submission."""
    return file.parent / "ledger.csv"


def origin(file: Path, folder: Path | None = None) -> Run:
    """Return the latest run in the ledger beside `file` that wrote just these bytes.

    A file from elsewhere gets a run without a recipe where the challenge folder is given.
    Raises UserError where there is neither.
    """
    check_file(file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    runs = [run for run in ledger.read(ledger_of(file)) if run.file == digest]
    written = [run for run in runs if _first_word(run) == WROTE]
    if written:
        return written[-1]
    if folder is None:
        raise UserError(
            f"{file}: no run in {ledger_of(file)} wrote this file as it is now; write it with "
            "`submit DIR --out FILE` and leave it unedited, or name the challenge folder as well."
        )
    return Run(f"{WROTE} {folder}", data=load_challenge(folder).digest, file=digest)


def challenge_folder(run: Run) -> Path:
    """Return the challenge folder that the command of a run names, as it was typed."""
    return Path(run.command.partition(" ")[2])


def handins(runs: list[Run], data: str, now: datetime) -> list[Run]:
    """Return the hand-ins noted for a challenge on the day of `now`, by UTC as Kaggle counts."""
    day = now.astimezone(UTC).strftime("%Y-%m-%d")
    return [
        run
        for run in runs
        if _first_word(run) == NOTED and run.data == data and run.time.startswith(day)
    ]


def check_quota(file: Path, run: Run, quota: int) -> int:
    """Return how many hand-ins of today are left for the challenge of a run.

    Raises UserError where none is, naming those that were made and when the next may be.
    """
    now = datetime.now(UTC)
    today = handins(ledger.read(ledger_of(file)), run.data, now)
    if len(today) >= quota:
        made = ", ".join(f"{done.command.split()[-1]} at {done.time[11:16]}" for done in today)
        raise UserError(
            f"{file}: the {quota} submissions of {now:%Y-%m-%d} are used up ({made}, UTC); Kaggle "
            "takes the next after midnight UTC, and --force notes this one all the same."
        )
    return quota - len(today)


def awaits_score(file: Path, run: Run) -> bool:
    """Tell whether a hand-in of these bytes was noted without its score, as `upload` does."""
    lines = [line for line in ledger.read(ledger_of(file)) if line.file == run.file]
    unscored = [line for line in lines if _first_word(line) == NOTED and line.public is None]
    return len(unscored) > sum(_first_word(line) == SCORED for line in lines)


def note_handin(file: Path, run: Run, public: float | None, word: str = NOTED) -> None:
    """Add a hand-in of `file`, or with SCORED the score of an earlier one, to the ledger beside it.

    Raises UserError: a public score outside 0 ... 1, a ledger that cannot be written.
    """
    if public is not None and not 0 <= public <= 1:
        raise UserError(f"the public score {public:g} is not in 0 ... 1; write 98.71 % as 0.9871.")
    noted = Run(f"{word} {file.name}", run.recipe, run.data, file=run.file, public=public)
    ledger.append(ledger_of(file), noted)


def make_final(file: Path, run: Run, final: Path) -> None:
    """Make a submission the final one: recipe and digests to `final`, the file's bytes beside it.

    The recipe is the one that the run used. The challenge folder is written relative to the
    project, two folders up from `final`, where it lies inside.
    Raises UserError: the run has no recipe, or it was lost or altered; files not writable.
    """
    if not run.recipe:
        raise UserError(f"{file}: was not written by `submit`, so no recipe is known for it.")
    recipe = find_recipe(file.parent, run.recipe)
    project, folder = final.resolve().parents[1], challenge_folder(run).resolve()
    if folder.is_relative_to(project):
        folder = folder.relative_to(project)
    content = file.read_bytes()
    with atomic_file(final.with_suffix(".csv")) as submission:
        submission.write(content)
        submission.flush()  # where the disk is full, both files stay as they were
        write_atomic(final, to_toml(recipe, Final(folder.as_posix(), run.data, run.file)))


def _first_word(run: Run) -> str:
    return run.command.partition(" ")[0]
