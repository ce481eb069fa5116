"""`export MODEL`: a kept model as one script that needs NumPy alone."""

import argparse
from pathlib import Path

from rosenblatt.cli.output import Output, add_json_option, output_file
from rosenblatt.errors import UserError


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `export`."""
    parser = subparsers.add_parser(
        "export",
        help="write a kept model as a script that needs NumPy alone",
        description="Write a model of `submit --keep` as one readable script, with its weights in "
        "an .npz beside it, for courses that allow NumPy and nothing else: `python run.py DIR` "
        "reads the challenge's test rows and writes the submission. What has no counterpart in "
        "plain NumPy yet is refused by name.",
        epilog="example: %(prog)s kept --out run.py",
    )
    parser.add_argument("model", metavar="MODEL", type=Path, help="a model, or its folder")
    parser.add_argument(
        "--out", metavar="FILE", type=output_file, required=True, help="the script, .py"
    )
    parser.add_argument(
        "--function",
        metavar="NAME",
        default="",
        help="define a function of that name, which answers a CSV, in place of a command line",
    )
    add_json_option(parser)
    parser.set_defaults(run=export)


def export(arguments: argparse.Namespace) -> int:
    """Write the script and its weights; return 0."""
    from rosenblatt.export.script import export as write
    from rosenblatt.pipeline.model import load

    output = Output(arguments.json)
    if arguments.out.suffix != ".py":
        raise UserError(f"{arguments.out}: is no name of a script; end it in .py.")
    if arguments.function and not arguments.function.isidentifier():
        raise UserError(f"--function {arguments.function}: is no name of a function.")
    written = write(load(arguments.model), arguments.out, arguments.function)
    sizes = {str(path): path.stat().st_size for path in written}
    for path, size in sizes.items():
        output.say(f"{path}: {size / 1e6:.2f} MB")
    output.figures({"command": "export", "files": sizes})
    return 0
