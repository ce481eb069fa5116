"""The command line: one module for each group of commands, loaded when it is needed."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

from rosenblatt import __version__
from rosenblatt.cli.output import flush, warn
from rosenblatt.cli.project import add_project_option
from rosenblatt.cli.targets import check_targets
from rosenblatt.cli.telling import add_telling_options, telling
from rosenblatt.errors import UserError
from rosenblatt.lifeline import watch_input

# Each names a module of this package with add_commands(subparsers), which gives every command
# a parser and the function to run: parser.set_defaults(run=function), function(arguments) -> int.
MODULES: tuple[str, ...] = (
    "new",
    "inspect",
    "submit",
    "reproduce",
    "predict",
    "show",
    "export",
    "evaluate",
    "curve",
    "explain",
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
    "site",
    "exercise",
)


STARTED = "python start.py"
CHECKS = """start.py has these as well, for the project itself:
  test [OPTIONS]     the tests; the options go to pytest
  lint               style and types
  coverage           the tests, then the lines of src/ that they never ran
  --no-setup         before or after any command: install nothing, use this interpreter

"""
EXAMPLES = """examples:
  %(prog)s reproduce                     the final submission
  %(prog)s evaluate data/digits          what will the default recipe score?
  %(prog)s submit data/digits --budget 5m
  %(prog)s COMMAND --help                each command has an example"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Let a UserError of an option's type through, which argparse takes for a bare value."""
        caught = sys.exc_info()[1]
        if caught is not None and isinstance(caught.__context__, UserError):
            raise caught.__context__
        super().error(message)


def build_parser(home: Path | None = None) -> argparse.ArgumentParser:
    """Return the parser of all commands. home: the folder of start.py, where that was started."""
    parser = _Parser(
        prog=STARTED if home else "rosenblatt",
        description="A do-it-yourself machine-learning toolkit for Kaggle data challenges.",
        epilog=CHECKS * bool(home) + EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"rosenblatt {__version__}")
    project = home if home and not home.samefile(Path.cwd()) else Path()
    add_project_option(parser, project)
    subparsers = parser.add_subparsers(metavar="COMMAND", dest="command")
    for name in MODULES:
        importlib.import_module(f"rosenblatt.cli.{name}").add_commands(subparsers)
    for command in subparsers.choices.values():
        add_project_option(command, argparse.SUPPRESS)
        add_telling_options(command)
    return parser


def main(argv: Sequence[str] | None = None, home: Path | str | None = None) -> int:
    """Run one command and return its exit code: 0 well, 2 the user's mistake, 130 interrupted.

    home: the folder of start.py, where that was started; it is the project then.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # what the console's encoding lacks becomes a "?"
            stream.reconfigure(errors="replace")
    watch_input()
    try:
        parser = build_parser(Path(home) if home else None)
        words = list(sys.argv[1:] if argv is None else argv)
        arguments = parser.parse_args(words)
        start = words.index(arguments.command) if arguments.command else 0
        arguments.words = words[start:] + words[:start]  # for the ledger, the command first
        if not hasattr(arguments, "run"):
            parser.print_help()
            return 0
        check_targets(arguments)
        with telling(arguments):
            code = arguments.run(arguments)
        flush()
        return code
    except UserError as error:
        warn(f"error: {error}")
        return 2
    except KeyboardInterrupt:
        warn("interrupted; what was finished is kept")
        return 130
