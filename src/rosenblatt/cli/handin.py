"""`ledger`, `submitted`, `final`: what was run, what was handed in, what counts."""

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from rosenblatt.cli.output import Output, add_json_option
from rosenblatt.cli.project import final_file, submissions
from rosenblatt.errors import UserError


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
    ledger_parser.add_argument("--last", metavar="N", type=int, help="only the last N lines")
    add_json_option(ledger_parser)
    ledger_parser.set_defaults(run=list_ledger)

    submitted_parser = subparsers.add_parser(
        "submitted",
        help="note a hand-in and its public score",
        description="Note in the ledger that a file was handed in, and what it scored on the "
        "public board. Refused where the day's quota (challenge.toml, counted by UTC) is used up.",
        epilog="example: %(prog)s submissions/mine.csv --public 0.9871",
    )
    add_handin_options(submitted_parser)
    submitted_parser.add_argument(
        "--public", metavar="SCORE", type=float, help="the public score, 0 to 1, if it is known"
    )
    add_json_option(submitted_parser)
    submitted_parser.set_defaults(run=submitted)

    final_parser = subparsers.add_parser(
        "final",
        help="make a submission the final one",
        description="Write submissions/final.toml and final.csv from a submission and the run in "
        "the ledger that made it. `reproduce` then trains that recipe and compares.",
        epilog="example: %(prog)s submissions/mine.csv",
    )
    final_parser.add_argument("file", metavar="FILE", type=Path, help="a file `submit` wrote")
    final_parser.set_defaults(run=make_final)


def add_handin_options(parser: argparse.ArgumentParser) -> None:
    """Give a command FILE, DIR and --force."""
    parser.add_argument("file", metavar="FILE", type=Path, help="the submission")
    parser.add_argument(
        "folder",
        metavar="DIR",
        nargs="?",
        type=Path,
        help="the challenge folder (default: that of the run that wrote FILE)",
    )
    parser.add_argument("--force", action="store_true", help="also beyond the day's quota")


def list_ledger(arguments: argparse.Namespace) -> int:
    """Print the runs of a ledger, the oldest first; return 0."""
    from rosenblatt.challenge import ledger

    output = Output(arguments.json)
    file = arguments.file or submissions(arguments) / "ledger.csv"
    if arguments.file and not file.exists():
        raise UserError(f"{file}: no such file; a ledger is begun by the first run.")
    runs = ledger.read(file)
    shown = runs[-arguments.last :] if arguments.last else runs
    header = ["time (UTC)", "command", "recipe", "validation", "public", "file", "seconds"]
    output.table([header, *map(_row, shown)])
    output.say(f"{len(shown)} of {len(runs)} lines in {file}")
    output.figures({"file": str(file), "runs": [dataclasses.asdict(r) for r in shown]})
    return 0


def _row(run: Any) -> list[str]:
    scores = ["" if s is None else f"{s:.4f}" for s in (run.validation, run.public)]
    seconds = f"{run.seconds:.1f}" if run.seconds else ""
    return [run.time, run.command, run.recipe[:8], *scores, run.file[:8], seconds]


def submitted(arguments: argparse.Namespace) -> int:
    """Note a hand-in where the quota allows; return 0."""
    from rosenblatt.challenge import handin

    output = Output(arguments.json)
    run = handin.origin(arguments.file, arguments.folder)
    figures = {"file": str(arguments.file), "file_digest": run.file, "public": arguments.public}
    output.figures(figures)
    if arguments.public is not None and handin.awaits_score(arguments.file, run):
        handin.note_handin(arguments.file, run, arguments.public, handin.SCORED)
        output.say(f"{arguments.file}: the score of its hand-in is noted")
        return 0
    quota = quota_of(arguments, run)
    left = check_quota(output, arguments, run, quota)
    handin.note_handin(arguments.file, run, arguments.public)
    output.say(f"{arguments.file}: noted; {max(left - 1, 0)} of {quota} left today (UTC)")
    return 0


def quota_of(arguments: argparse.Namespace, run: Any) -> int:
    """Return the hand-ins a day of a challenge. Raises UserError where its folder is gone."""
    from rosenblatt.challenge.formats import sniff
    from rosenblatt.challenge.handin import challenge_folder
    from rosenblatt.challenge.settings import read_settings

    folder = arguments.folder or challenge_folder(run)
    sniff(folder)
    return read_settings(folder).quota


def check_quota(output: Output, arguments: argparse.Namespace, run: Any, quota: int) -> int:
    """Return the hand-ins left today; beyond the quota, say so with --force and else refuse."""
    from rosenblatt.challenge import handin

    try:
        return handin.check_quota(arguments.file, run, quota)
    except UserError as error:
        if not arguments.force:
            raise
        output.say(f"forced: {error}")
        return 0


def make_final(arguments: argparse.Namespace) -> int:
    """Make a submission the final one; return 0."""
    from rosenblatt.challenge import check_submission, handin, load_challenge

    run = handin.origin(arguments.file)
    challenge = load_challenge(handin.challenge_folder(run))
    if challenge.digest != run.data:
        raise UserError(f"{arguments.file}: the data have changed since its run; submit anew.")
    faults = check_submission(arguments.file, challenge)
    if faults:
        raise UserError(f"{arguments.file}: {faults[0]}; `check` lists all faults.")
    final = final_file(arguments)
    handin.make_final(arguments.file, run, final)
    Output(None).say(f"{final}: {arguments.file} is final; prove it with `reproduce`")
    return 0
