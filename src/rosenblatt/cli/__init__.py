"""The command line: one module for each group of commands, loaded when it is needed."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from rosenblatt import __version__
from rosenblatt.cli.output import flush
from rosenblatt.errors import UserError

# Each names a module of this package with add_commands(subparsers), which gives every command
# a parser and the function to run: parser.set_defaults(run=function), function(arguments) -> int.
MODULES: tuple[str, ...] = (
    "inspect",
    "run",
    "evaluate",
    "curve",
    "search",
    "recipes",
    "check",
    "handin",
    "upload",
    "leaderboard",
    "report",
    "results",
    "package",
    "audit",
    "bench",
    "completion",
    "gallery",
    "write",
)


CHECKS = """start.py has these as well, for the project itself:
  test [OPTIONS]     the tests; the options go to pytest
  lint               style and types
  coverage           the tests, then the lines of src/ that they never ran
  --no-setup         before or after any command: install nothing, use this interpreter

examples:
  python start.py                                reproduce the final submission
  python start.py evaluate data/digits           what will the default recipe score?
  python start.py submit data/digits --budget 5m
  python start.py COMMAND --help                 each command has an example"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="rosenblatt",
        description="A do-it-yourself machine-learning toolkit for Kaggle data challenges.",
        epilog=CHECKS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"rosenblatt {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND")
    for name in MODULES:
        importlib.import_module(f"rosenblatt.cli.{name}").add_commands(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 well, 2 the user's mistake, 130 interrupted."""
    try:
        parser = build_parser()
        arguments = parser.parse_args(argv)
        if not hasattr(arguments, "run"):
            parser.print_help()
            return 0
        code = arguments.run(arguments)
        flush()
        return code
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; what was finished is kept", file=sys.stderr)
        return 130
