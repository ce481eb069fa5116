"""The project that a command works on: the folder of its submissions and its report."""

import argparse
from pathlib import Path


def add_project_option(parser: argparse.ArgumentParser, default: Path | str) -> None:
    """Give a parser the option --project DIR."""
    parser.add_argument(
        "--project",
        metavar="DIR",
        type=Path,
        default=default,
        help="the folder with submissions/ and report/ (default: the current one; of start.py, "
        "the one that it stands in)",
    )


def submissions(arguments: argparse.Namespace) -> Path:
    """Return the folder of the submissions and their ledger."""
    return arguments.project / "submissions"


def final_file(arguments: argparse.Namespace) -> Path:
    """Return the recipe and digests of the final submission, whose bytes are beside it."""
    return submissions(arguments) / "final.toml"
