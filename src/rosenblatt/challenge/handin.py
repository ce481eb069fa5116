"""Hand-ins: which run wrote a file, how many of the day are left, which file is the final one."""

import hashlib
import os
import shlex
from dataclasses import dataclass, replace
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
from rosenblatt.metrics import find_metric

# First words of commands in the ledger.
WROTE, NOTED, SCORED, UNDONE = "submit", "submitted", "scored", "undone"


class HandedInAlreadyError(UserError):
    """The same bytes were handed in before: to be asked about, or said with an option."""


@dataclass(frozen=True)
class Rules:
    """What allows a hand-in: so many a day, or beyond them by force; the same bytes again; a public
    score in place of one that was noted."""

    quota: int
    force: bool = False
    again: bool = False
    correct: bool = False


def ledger_of(file: Path) -> Path:
    """Return the ledger beside a submission."""
    return file.parent / "ledger.csv"


def origin(file: Path, folder: Path | None = None) -> Run:
    """Return the latest run in the ledger beside `file` that wrote just these bytes.

    A file from elsewhere gets a run without a recipe where the challenge folder is given, or was
    when it was handed in.
    Raises UserError where there is neither, or where the folder holds other data than the run's.
    """
    check_file(file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    runs = [run for run in ledger.read(ledger_of(file)) if run.file == digest]
    noted = [run for run in runs if _word(run) == NOTED and run.folder]
    written = [run for run in runs if _word(run) == WROTE] or noted
    if folder is None and not written:
        raise UserError(
            f"{file}: no run in {ledger_of(file)} wrote this file as it is now; write it with "
            "`submit DIR --out FILE` and leave it unedited, or name the challenge folder as well."
        )
    if folder is None:
        return written[-1]
    data = load_challenge(folder).digest
    if not written:
        return Run(f"{WROTE} {folder}", data=data, file=digest, folder=str(folder))
    if data != written[-1].data:
        raise UserError(
            f"{file}: was written for other data than those in {folder}; name the folder that it "
            "was written for, or `submit` again for this one."
        )
    return replace(written[-1], folder=str(folder))


def challenge_folder(run: Run) -> Path:
    """Return the challenge folder of a run, as it was typed.

    Earlier editions of the ledger have no column for it: their commands are a word and the folder.
    """
    return Path(run.folder or run.command.partition(" ")[2])


def standing(runs: list[Run], data: str) -> list[Run]:
    """Return the hand-ins for a challenge that were not taken back, each with its latest score."""
    found: list[Run] = []
    for run in (run for run in runs if run.data == data):
        word = _word(run)
        same = [place for place, made in enumerate(found) if made.file == run.file]
        if word == NOTED:
            found.append(run)
        elif word == SCORED and same:
            place = next((place for place in same if found[place].public is None), same[-1])
            found[place] = replace(found[place], public=run.public)
        elif word == UNDONE and same:
            del found[same[-1]]
    return found


def handins(runs: list[Run], data: str, now: datetime) -> list[Run]:
    """Return the hand-ins noted for a challenge on the day of `now`, by UTC as Kaggle counts."""
    day = now.astimezone(UTC).strftime("%Y-%m-%d")
    return [run for run in standing(runs, data) if run.time.startswith(day)]


def hand_in(file: Path, run: Run, public: float | None, rules: Rules) -> tuple[Run, int]:
    """Note a hand-in of `file`, or the score of an earlier one, in the ledger beside it.

    Counted and noted under one lock. Return the line and how many hand-ins there are today.
    Raises UserError: a score that the metric never has, the quota used up, nothing to correct, a
    ledger that cannot be written; HandedInAlreadyError where these bytes stand in it and no rule
    allows them.
    """
    if public is not None and not 0 <= public <= 1:
        _check_score(public, challenge_folder(run))
    count = 0

    def line(runs: list[Run]) -> Run:
        nonlocal count
        today = handins(runs, run.data, datetime.now(UTC))
        same = [made for made in standing(runs, run.data) if made.file == run.file]
        scores = same and public is not None and any(made.public is None for made in same)
        count = len(today)
        if rules.correct and not same:
            raise UserError(f"{file}: no hand-in of it is noted; leave out --correct.")
        if scores or rules.correct:
            return _noted(SCORED, file, run, public)
        if same and not rules.again:
            raise HandedInAlreadyError(_already(file, same[-1]))
        if count >= rules.quota and not rules.force:
            raise _used_up(file, today, rules.quota)
        count += 1
        return _noted(NOTED, file, run, public)

    return ledger.decide(ledger_of(file), line), count


def _check_score(public: float, folder: Path) -> None:
    """Raise UserError where the metric of a challenge never has this value."""
    metric = find_metric(load_challenge(folder).metric)
    if not metric.lowest <= public <= metric.highest:
        raise UserError(
            f"the public score {public:g} is no {metric.title}, which lies between "
            f"{metric.lowest:g} and {metric.highest:g}; write 98.71 % as 0.9871."
        )


def undo(file: Path, run: Run) -> Run:
    """Take back the latest hand-in of `file`, by a line of its own; return what is taken back.

    Raises UserError where none stands, and as ledger.decide.
    """
    taken: list[Run] = []

    def line(runs: list[Run]) -> Run:
        taken.extend(made for made in standing(runs, run.data) if made.file == run.file)
        if not taken:
            raise UserError(f"{file}: no hand-in of it is noted, so there is nothing to undo.")
        return _noted(UNDONE, file, run, None)

    ledger.decide(ledger_of(file), line)
    return taken[-1]


def _noted(word: str, file: Path, run: Run, public: float | None) -> Run:
    command = shlex.join([word, file.name])
    return Run(command, run.recipe, run.data, file=run.file, public=public, folder=run.folder)


def _already(file: Path, made: Run) -> str:
    score = "without a score" if made.public is None else f"with the score {made.public:g}"
    return (
        f"{file}: these bytes are noted as handed in at {made.time}, {score}. --again notes one "
        "more hand-in, --public SCORE --correct another score, --undo takes the noted one back."
    )


def _used_up(file: Path, today: list[Run], quota: int) -> UserError:
    made = ", ".join(f"{done.command.partition(' ')[2]} at {done.time[11:16]}" for done in today)
    return UserError(
        f"{file}: the {quota} submissions of {today[-1].time[:10]} are used up ({made}, UTC); "
        "Kaggle takes the next after midnight UTC. --force notes this one all the same, and "
        "`submitted FILE --undo` takes back one that was noted by mistake."
    )


def make_final(file: Path, run: Run, final: Path) -> None:
    """Make a submission the final one: recipe and digests to `final`, the file's bytes beside it.

    The recipe is the one that the run used. The challenge folder is written relative to the
    project, two folders up from `final`.
    Raises UserError: the run has no recipe, or it was lost or altered; the challenge lies outside
    the project; files not writable.
    """
    if not run.recipe:
        raise UserError(
            f"{file}: was not written by `submit`, so no recipe is known for it; write one with "
            "`submit DIR --out FILE` and name that."
        )
    recipe = find_recipe(file.parent, run.recipe)
    folder = within(final.resolve().parents[1], challenge_folder(run))
    content = file.read_bytes()
    with atomic_file(final.with_suffix(".csv")) as submission:
        submission.write(content)
        submission.flush()  # where the disk is full, both files stay as they were
        write_atomic(final, to_toml(recipe, Final(folder, run.data, run.file)))


def within(project: Path, folder: Path) -> str:
    """Return a challenge folder as a hand-in finds it: relative to the project, with slashes.

    Raises UserError with what to do for one outside, which nobody else could find.
    """
    for path in (Path(os.path.abspath(folder)), folder.resolve()):  # a link within may lead out
        if path.is_relative_to(project) and path != project:
            return path.relative_to(project).as_posix()
    place = project / "data" / folder.resolve().name
    raise UserError(
        f"{folder}: lies outside the project {project}, where nobody who unpacks the hand-in would "
        f"find it. Copy it to {place}, then name it there: `final FILE {place}`."
    )


def _word(run: Run) -> str:
    return run.command.partition(" ")[0]
