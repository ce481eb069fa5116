"""`check FILE DIR`: may this submission be handed in?"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rosenblatt.cli.loading import load
from rosenblatt.cli.output import Output, add_json_option
from rosenblatt.errors import UserError

if TYPE_CHECKING:
    from rosenblatt.challenge import Challenge

SHOWN = 20  # faults printed; --json lists them all


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `check`."""
    parser = subparsers.add_parser(
        "check",
        help="check a submission against its challenge",
        description="Compare header, Ids and row count of a submission with the sample submission "
        "or the test file, and its labels with the training file; each fault is named with its "
        "row, and so is what no file shows. Exit code 0 if there is no fault, 2 otherwise.",
        epilog="example: %(prog)s submissions/final.csv data/digits",
    )
    parser.add_argument("file", metavar="FILE", help="the submission")
    parser.add_argument("folder", metavar="DIR", help="the challenge folder")
    add_json_option(parser)
    parser.set_defaults(run=check)


def check(arguments: argparse.Namespace) -> int:
    """Print the faults of a submission and return 0 if there is none, else 2."""
    from rosenblatt.challenge import check_submission, submission_form
    from rosenblatt.challenge.submission import is_sample

    output = Output(arguments.json)
    challenge = load(output, arguments.folder)
    form = submission_form(arguments.folder, challenge)
    faults = check_submission(arguments.file, form)
    for fault in faults[:SHOWN]:
        output.say(f"{arguments.file}: {fault}")
    if len(faults) > SHOWN:
        output.say(f"... and {len(faults) - SHOWN} more faults (--json FILE lists all)")
    odd = not faults and is_sample(arguments.file, form)
    if odd:
        output.say("odd      every label is that of the sample submission; are these predictions?")
    if not faults:
        output.say(f"{arguments.file}: fine, {len(form.ids)} rows as {challenge.name} wants them")
    for source in form.sources:
        output.say(f"compared {source}")
    for gap in form.unchecked:
        output.say(f"unknown  {gap}")
    listed = [{"row": fault.row, "message": fault.message} for fault in faults]
    figures = {"file": arguments.file, "fine": not faults, "faults": listed, "is_sample": odd}
    output.figures(figures | {"compared": form.sources, "unknown": form.unchecked})
    return 2 if faults else 0


def need_fine(output: Output, file: Path, folder: Path) -> "Challenge":
    """Return the challenge in a folder if a submission may be handed in to it.

    Raises UserError as load_challenge, and with the first fault.
    """
    from rosenblatt.challenge import check_submission, submission_form

    challenge = load(output, folder)
    faults = check_submission(file, submission_form(folder, challenge))
    if faults:
        raise UserError(f"{file}: {faults[0]}; `check` lists all faults.")
    return challenge
