"""`exercise`: cut a body out of the source for a student to write, and judge what was written."""

import argparse
from pathlib import Path

from rosenblatt.cli.output import Output, add_json_option, output_file
from rosenblatt.errors import UserError


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `exercise`."""
    parser = subparsers.add_parser(
        "exercise",
        help="write a backward, an update rule or a kernel yourself, and have it checked",
        description="Without a name, list the exercises. With one, write its module to --out, "
        "the body left out; --check compares a file with central differences, or with the shipped "
        "code. It runs what the file holds.",
        epilog="example: %(prog)s Dense.backward --out dense.py",
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="the exercise")
    parser.add_argument("--out", metavar="FILE", type=output_file, help="where to write it (.py)")
    parser.add_argument("--check", metavar="FILE", type=Path, help="the file to check")
    add_json_option(parser)
    parser.set_defaults(run=exercise)


def exercise(arguments: argparse.Namespace) -> int:
    """List the exercises, write one or judge one; return 0."""
    from rosenblatt import exercises
    from rosenblatt.files import write_atomic

    output = Output(arguments.json)
    if arguments.check:
        right = list(exercises.check(arguments.check))
        for line in right:
            output.say(f"right: {line}")
        output.figures({"right": right})
    elif arguments.name:
        text = exercises.cut(arguments.name)
        if arguments.out is None:
            raise UserError("name a file for it: exercise NAME --out FILE.py.")
        if arguments.out.exists():
            raise UserError(f"{arguments.out}: is there already; take another name.")
        write_atomic(arguments.out, text)
        output.say(f"{arguments.out}: write what is missing, then exercise --check {arguments.out}")
        output.figures({"file": str(arguments.out)})
    else:
        for name, where in exercises.exercises().items():
            output.say(f"{name:28} {where}")
        output.figures({"exercises": list(exercises.exercises())})
    return 0
