"""`check FILE DIR`: may this submission be handed in?"""

import argparse

from rosenblatt.cli.output import Output, add_json_option

SHOWN = 20  # faults printed; --json lists them all


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `check`."""
    parser = subparsers.add_parser(
        "check",
        help="check a submission against its challenge",
        description="Check header, Ids, order, labels and row count of a submission; "
        "each fault is named with its row. Exit code 0 if there is none, 2 otherwise.",
        epilog="example: %(prog)s submissions/final.csv data/digits",
    )
    parser.add_argument("file", metavar="FILE", help="the submission")
    parser.add_argument("folder", metavar="DIR", help="the challenge folder")
    add_json_option(parser)
    parser.set_defaults(run=check)


def check(arguments: argparse.Namespace) -> int:
    """Print the faults of a submission and return 0 if there is none, else 2."""
    from rosenblatt.challenge import check_submission, load_challenge

    output = Output(arguments.json)
    challenge = load_challenge(arguments.folder)
    faults = check_submission(arguments.file, challenge)
    for fault in faults[:SHOWN]:
        output.say(f"{arguments.file}: {fault}")
    if len(faults) > SHOWN:
        output.say(f"... and {len(faults) - SHOWN} faults more (--json FILE lists all)")
    if not faults:
        output.say(
            f"{arguments.file}: fine, {len(challenge.test_ids)} rows as {challenge.name} wants them"
        )
    listed = [{"row": fault.row, "message": fault.message} for fault in faults]
    output.figures({"file": arguments.file, "fine": not faults, "faults": listed})
    return 2 if faults else 0
