"""`upload FILE`: hand a checked submission in through Kaggle's own program."""

import argparse

from rosenblatt.cli.check import need_fine
from rosenblatt.cli.handin import add_handin_options, hand_in
from rosenblatt.cli.output import Output
from rosenblatt.cli.run import check_ledger
from rosenblatt.errors import UserError


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `upload`."""
    parser = subparsers.add_parser(
        "upload",
        help="hand a submission in through Kaggle's program",
        description="Check a submission and the day's quota, hand it in through Kaggle's own "
        "command line (an external program, with its own credential), and note it in the ledger.",
        epilog="example: %(prog)s submissions/mine.csv --competition mva-2026",
    )
    add_handin_options(parser)
    parser.add_argument(
        "--competition", metavar="NAME", required=True, help="as in the address of its page"
    )
    parser.add_argument("--message", metavar="TEXT", help="(default: the recipe's digest)")
    parser.set_defaults(run=upload)


def upload(arguments: argparse.Namespace) -> int:
    """Hand a file in where it is fine and the quota allows; return 0."""
    from rosenblatt.challenge import handin
    from rosenblatt.challenge.upload import upload

    output = Output(None)
    check_ledger(arguments.file.parent)
    run = handin.origin(arguments.file, arguments.folder)
    need_fine(output, arguments.file, arguments.folder or handin.challenge_folder(run))
    message = arguments.message or f"rosenblatt recipe {run.recipe[:8] or 'unknown'}"
    hand_in(output, arguments, run, None, False)  # first: another process may want the last one
    try:
        output.say(upload(arguments.file, arguments.competition, message))
    except UserError:
        handin.undo(arguments.file, run)
        raise
    output.say(f"add its score: submitted {arguments.file} --public SCORE")
    return 0
