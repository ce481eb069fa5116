"""Options that say where fits run: --threads, --results, --cluster, --part."""

import argparse
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from rosenblatt.cli.output import output_folder

if TYPE_CHECKING:
    from rosenblatt.train.workers import Workers


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Give a command the options for where its fits run."""
    add_threads(parser)
    parser.add_argument(
        "--results",
        metavar="DIR",
        type=output_folder,
        help="keep finished fits here, and skip those that are there",
    )
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        default="",
        help="run on dask: tls://HOST:8786; an open one, tcp://, runs anybody's code on its "
        "workers, see report/cluster.md",
    )
    parser.add_argument(
        "--part",
        metavar="I/N",
        type=_part,
        default=(0, 1),
        help="run the I-th of N parts into --results, for job arrays",
    )


def add_threads(parser: argparse.ArgumentParser) -> None:
    """Give a command the option --threads."""
    parser.add_argument(
        "--threads",
        type=whole(1, 1024),
        default=_cores(),
        help="(default: all cores); results do not depend on it",
    )


def workers(arguments: argparse.Namespace) -> "Workers":
    """Return the Workers that the options ask for."""
    from rosenblatt.train.fit_results import Results
    from rosenblatt.train.workers import Workers

    results = Results(arguments.results) if arguments.results else None
    return Workers(arguments.threads, results, arguments.cluster, arguments.part)


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return the `type` of an option that is a whole number from low to high."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(
                f"{text} is not a whole number from {low:,} to {high:,}"
            )
        return value

    return parse


positive = whole(1, 1_000_000)


def duration(text: str) -> float:
    """Return the seconds in a text such as 90s, 10m or 1.5h."""
    units = {"s": 1.0, "m": 60.0, "h": 3600.0}
    try:
        seconds = float(text[:-1]) * units[text[-1:]] if text[-1:] in units else 0.0
    except ValueError:
        seconds = 0.0
    if seconds == 0 and text.replace(".", "", 1).isdigit():
        raise argparse.ArgumentTypeError(
            f"{text} what? write {text}s for seconds, {text}m for minutes, {text}h for hours"
        )
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a time such as 90s, 10m or 1h")
    return seconds


def _part(text: str) -> tuple[int, int]:
    first, _, parts = text.partition("/")
    if not (first.isdigit() and parts.isdigit() and 1 <= int(first) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{text} is not a part such as 3/10")
    return int(first) - 1, int(parts)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        return os.cpu_count() or 1
