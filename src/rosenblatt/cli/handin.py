"""`ledger`, `submitted`, `final`: what was run, what was handed in, what counts."""

import argparse
import dataclasses
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rosenblatt.cli import run as training
from rosenblatt.cli.check import need_fine
from rosenblatt.cli.output import Output, add_json_option, warn
from rosenblatt.cli.project import final_file, submissions
from rosenblatt.cli.workers import positive
from rosenblatt.errors import UserError

if TYPE_CHECKING:
    from rosenblatt.challenge.ledger import Run


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the commands `ledger`, `submitted` and `final`."""
    ledger_parser = subparsers.add_parser(
        "ledger",
        help="list the runs and hand-ins",
        description="List what was run, when, with which recipe, how well and how long. Every "
        "submit, evaluate, reproduce and hand-in leaves its line.",
        epilog="example: %(prog)s submissions/ledger.csv --last 10",
    )
    ledger_parser.add_argument(
        "file", metavar="FILE", nargs="?", type=Path, help="(default: submissions/ledger.csv)"
    )
    ledger_parser.add_argument("--last", metavar="N", type=positive, help="only the last N lines")
    add_json_option(ledger_parser)
    ledger_parser.set_defaults(run=list_ledger)
    _add_submitted(subparsers)
    _add_final(subparsers)


def _add_submitted(subparsers: argparse._SubParsersAction) -> None:
    submitted_parser = subparsers.add_parser(
        "submitted",
        help="note a hand-in and its public score",
        description="Note in the ledger that a file was handed in, and what it scored on the "
        "public board. Refused where the day's quota (challenge.toml, counted by UTC) is used up. "
        "A score given later is noted with the same hand-in. --undo takes a hand-in back, and "
        "--correct puts another score in place of one that was mistyped.",
        epilog="example: %(prog)s submissions/mine.csv --public 0.9871",
    )
    add_handin_options(submitted_parser)
    submitted_parser.add_argument(
        "--public", metavar="SCORE", type=float, help="the public score, if it is known"
    )
    submitted_parser.add_argument(
        "--correct", action="store_true", help="replace the score that was noted"
    )
    submitted_parser.add_argument(
        "--undo", action="store_true", help="take back the latest hand-in that was noted of FILE"
    )
    add_json_option(submitted_parser)
    submitted_parser.set_defaults(run=submitted)


def _add_final(subparsers: argparse._SubParsersAction) -> None:
    final_parser = subparsers.add_parser(
        "final",
        help="make a submission the final one",
        description="Write submissions/final.toml and final.csv from a submission and the run in "
        "the ledger that made it. `reproduce` then trains that recipe and compares.",
        epilog="example: %(prog)s submissions/mine.csv",
    )
    final_parser.add_argument("file", metavar="FILE", type=Path, help="a file that `submit` wrote")
    final_parser.add_argument(
        "folder",
        metavar="DIR",
        nargs="?",
        type=Path,
        help="the challenge folder within the project, where the run read it elsewhere",
    )
    final_parser.set_defaults(run=make_final)


def add_handin_options(parser: argparse.ArgumentParser) -> None:
    """Give a command FILE, DIR, --force and --again."""
    parser.add_argument("file", metavar="FILE", type=Path, help="the submission")
    parser.add_argument(
        "folder",
        metavar="DIR",
        nargs="?",
        type=Path,
        help="the challenge folder (default: that of the run that wrote FILE)",
    )
    parser.add_argument("--force", action="store_true", help="even beyond the day's quota")
    parser.add_argument(
        "--again", action="store_true", help="even if these bytes were handed in before"
    )


def list_ledger(arguments: argparse.Namespace) -> int:
    """Print the runs of a ledger, the oldest first; return 0."""
    from rosenblatt.challenge import ledger

    output = Output(arguments.json)
    file = arguments.file or submissions(arguments) / "ledger.csv"
    if arguments.file and not file.exists():
        raise UserError(f"{file}: no such file; the first run starts a ledger.")
    runs = ledger.read(file)
    shown = runs[-arguments.last :] if arguments.last else runs
    header = ["time (UTC)", "command", "recipe", "validation", "public", "file", "seconds"]
    output.table([header, *map(_row, shown)])
    output.say(f"{len(shown)} of {len(runs)} lines in {file}")
    output.figures({"file": str(file), "runs": [dataclasses.asdict(r) for r in shown]})
    return 0


def _row(run: "Run") -> list[str]:
    scores = ["" if s is None else f"{s:.4f}" for s in (run.validation, run.public)]
    seconds = f"{run.seconds:.1f}" if run.seconds else ""
    return [run.time, run.command, run.recipe[:8], *scores, run.file[:8], seconds]


def submitted(arguments: argparse.Namespace) -> int:
    """Note a hand-in where the quota allows, its score, or that it is taken back; return 0."""
    from rosenblatt.challenge import handin

    output, file, public = Output(arguments.json), arguments.file, arguments.public
    if arguments.undo and (public is not None or arguments.correct or arguments.again):
        raise UserError("--undo takes a hand-in back and takes no score; run one after the other.")
    if arguments.correct and public is None:
        raise UserError("--correct: give the right score, such as --public 0.9871.")
    training.check_ledger(file.parent)
    run = handin.origin(file, arguments.folder)
    output.figures({"file": str(file), "file_digest": run.file, "public": public})
    if arguments.undo:
        made = handin.undo(file, run)
        output.say(f"{file}: its hand-in of {made.time} is taken back")
    else:
        hand_in(output, arguments, run, public, arguments.correct)
    return 0


def hand_in(
    output: Output, arguments: argparse.Namespace, run: "Run", public: float | None, correct: bool
) -> None:
    """Note a hand-in or a score and say so; ask, in a terminal, about bytes handed in before."""
    from rosenblatt.challenge import handin

    file, quota = arguments.file, quota_of(output, arguments, run)
    rules = handin.Rules(quota, arguments.force, arguments.again, correct)
    try:
        line, count = handin.hand_in(file, run, public, rules)
    except handin.HandedInAlreadyError as error:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise
        warn(f"{error}")
        warn("Note one more hand-in of them? [y/N]")
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise UserError(f"{file}: nothing was noted.") from error
        again = dataclasses.replace(rules, again=True)
        line, count = handin.hand_in(file, run, public, again)
    if line.command.startswith(handin.SCORED):
        output.say(f"{file}: the score of its hand-in is noted")
        return
    forced = f"forced: this is hand-in {count} of a day of {quota}; " * (count > quota)
    output.say(f"{forced}{file}: noted; {max(quota - count, 0)} of {quota} left today (UTC)")
    output.say(f"by mistake? {shlex.join(['submitted', str(file), '--undo'])}")


def quota_of(output: Output, arguments: argparse.Namespace, run: "Run") -> int:
    """Return the hand-ins a day of a challenge, and say so where it is a default.

    Raises UserError where its folder is gone.
    """
    from rosenblatt.challenge.formats import sniff
    from rosenblatt.challenge.handin import challenge_folder
    from rosenblatt.challenge.settings import read_settings

    folder = arguments.folder or challenge_folder(run)
    sniff(folder)
    settings = read_settings(folder)
    if assumed := settings.assumed("quota"):
        output.say(f"{settings.quota} hand-ins a day{assumed}")
    return settings.quota


def make_final(arguments: argparse.Namespace) -> int:
    """Make a submission the final one; return 0."""
    from rosenblatt.challenge import handin

    output = Output(None)
    run = handin.origin(arguments.file, arguments.folder)
    challenge = need_fine(output, arguments.file, handin.challenge_folder(run))
    if challenge.digest != run.data:
        raise UserError(f"{arguments.file}: the data have changed since its run; submit again.")
    final = final_file(arguments)
    handin.make_final(arguments.file, run, final)
    for note in training.conditions(run):
        output.say(f"note: {note}")
    output.say(f"{final}: {arguments.file} is final; prove it with `reproduce`")
    return 0
