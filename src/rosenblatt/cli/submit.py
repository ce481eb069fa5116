"""`submit`: train a recipe on all rows and write a checked submission."""

import argparse
import time

from rosenblatt.cli import run
from rosenblatt.cli.budget import submit_within
from rosenblatt.cli.loading import load
from rosenblatt.cli.output import Output, output_file
from rosenblatt.cli.project import submissions
from rosenblatt.cli.targets import target
from rosenblatt.cli.workers import duration, workers


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `submit`."""
    parser = subparsers.add_parser(
        "submit",
        help="train a recipe and write a checked submission",
        description="Train a recipe on all training rows of a challenge and write a submission.",
        epilog="example: %(prog)s data/digits --out submissions/mine.csv",
    )
    run.add_recipe_options(parser)
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=output_file,
        help="the submission (default: submissions/NAME.csv)",
    )
    run.add_keep_option(parser)
    parser.add_argument(
        "--budget",
        metavar="TIME",
        type=duration,
        help="train as many members and epochs as fit into 90s, 10m, 1h; the best so far is kept",
    )
    parser.set_defaults(run=submit)


def submit(arguments: argparse.Namespace) -> int:
    """Train, write a checked submission, note it in the ledger; return 0."""
    output = Output(arguments.json)
    challenge = load(output, arguments.folder)
    recipe = run.choose_recipe(arguments, challenge)
    out = target(arguments, submissions(arguments) / f"{_file_name(challenge.name)}.csv")
    run.check_ledger(out.parent)
    run.check_kept(arguments)
    start = time.perf_counter()
    if arguments.budget:
        output.figures(submit_within(output, arguments, challenge, recipe, out))
    else:
        where = workers(arguments)
        found = run.predict(output, challenge, recipe, where, bool(arguments.kept))
        figures = run.write(output, arguments, challenge, recipe, out, found.rows, start)
        output.figures(figures | run.keep(output, arguments, challenge, recipe, found))
    return 0


def _file_name(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-") or "submission"
