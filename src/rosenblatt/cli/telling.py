"""How much a command tells of its progress: --quiet, --verbose."""

import argparse
import logging
from contextlib import AbstractContextManager


def add_telling_options(parser: argparse.ArgumentParser) -> None:
    """Give a command the options --quiet and --verbose."""
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--quiet", action="store_true", help="tell of no progress, only results")
    either.add_argument(
        "--verbose", action="store_true", help="tell when each phase begins and ends, on lines"
    )


def telling(arguments: argparse.Namespace) -> AbstractContextManager:
    """Return what tells, on standard error, how a command goes while it runs."""
    from rosenblatt.display import Display, silence

    if arguments.quiet:
        return silence()
    level = logging.DEBUG if arguments.verbose else logging.INFO
    return Display(arguments.command, level)
