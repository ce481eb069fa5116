"""`upload FILE`, `uploaded NAME`: hand-ins through Kaggle's own program, and their scores."""

import argparse
import dataclasses
import shlex
from typing import TYPE_CHECKING

from rosenblatt.cli.check import need_fine
from rosenblatt.cli.handin import add_handin_options, hand_in
from rosenblatt.cli.output import Output, add_json_option
from rosenblatt.cli.run import check_ledger
from rosenblatt.cli.workers import duration
from rosenblatt.errors import UserError

if TYPE_CHECKING:
    from rosenblatt.challenge.kaggle import Submission


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the commands `upload` and `uploaded`."""
    parser = subparsers.add_parser(
        "upload",
        help="hand a submission in through Kaggle's program",
        description="Check a submission and the day's quota, note it in the ledger, hand it in "
        "through Kaggle's own command line (an external program, with its own credential), and "
        "note the public score as soon as Kaggle gives it.",
        epilog="example: %(prog)s submissions/mine.csv --competition mva-2026",
    )
    add_handin_options(parser)
    parser.add_argument(
        "--competition", metavar="NAME", required=True, help="as in the address of its page"
    )
    parser.add_argument("--message", metavar="TEXT", help="(default: the recipe's digest)")
    parser.add_argument(
        "--wait", metavar="TIME", type=duration, default=120.0,
        help="how long to wait for the public score (default: 2m)",
    )  # fmt: skip
    add_json_option(parser)
    parser.set_defaults(run=upload)
    listing = subparsers.add_parser(
        "uploaded",
        help="list your submissions to a competition, with their scores",
        description="List your own submissions to a competition as Kaggle knows them, through "
        "its own command line.",
        epilog="example: %(prog)s mva-2026",
    )
    listing.add_argument("competition", metavar="NAME", help="as in the address of its page")
    add_json_option(listing)
    listing.set_defaults(run=uploaded)


def upload(arguments: argparse.Namespace) -> int:
    """Hand a file in where it is fine and the quota allows, and note its score; return 0."""
    from rosenblatt.challenge import handin, kaggle

    output, file = Output(arguments.json), arguments.file
    competition = kaggle.competition_name(arguments.competition)
    check_ledger(file.parent)
    run = handin.origin(file, arguments.folder)
    need_fine(output, file, arguments.folder or handin.challenge_folder(run))
    message = arguments.message or f"rosenblatt recipe {run.recipe[:8] or 'unknown'}"
    earlier = kaggle.submissions(competition)
    hand_in(output, arguments, run, None, False)  # first: another process may want the last one
    try:
        output.say(kaggle.upload(file, competition, message))
    except UserError:
        handin.undo(file, run)
        raise
    found = _await(output, arguments, (competition, message), earlier)
    public = found.public if found else None
    if public is not None:
        hand_in(output, arguments, run, public, False)
        output.say(f"public   {public:g}")
    else:
        output.say(f"add its score: {shlex.join(['submitted', str(file), '--public'])} SCORE")
    output.figures({"file": str(file), "file_digest": run.file, "public": public})
    return 0


def _await(
    output: Output,
    arguments: argparse.Namespace,
    given: tuple[str, str],
    earlier: "list[Submission]",
) -> "Submission | None":
    """Return what became of a file that was handed in as `given`, or None; say it."""
    from rosenblatt.challenge import kaggle

    competition, message = given
    try:
        found = kaggle.scored(competition, arguments.file.name, message, earlier, arguments.wait)
    except UserError as error:
        output.say(f"handed in; its score is not known: {error}")
        return None
    if found is None:
        output.say(f"Kaggle has no score yet; `uploaded {competition}` lists it later")
    elif found.public is None:
        output.say(f"Kaggle gave no score, its status is {found.status!r}: look at its page")
    return found


def uploaded(arguments: argparse.Namespace) -> int:
    """Print your submissions to a competition; return 0."""
    from rosenblatt.challenge import kaggle

    output = Output(arguments.json)
    found = kaggle.submissions(kaggle.competition_name(arguments.competition))
    rows = [["time", "file", "public", "status", "message"]]
    for one in found:
        public = "" if one.public is None else f"{one.public:g}"
        rows.append([one.time, one.file, public, one.status, one.message])
    output.table(rows)
    output.figures({"submissions": [dataclasses.asdict(one) for one in found]})
    return 0
