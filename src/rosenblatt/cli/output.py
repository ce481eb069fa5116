"""What a command prints for people, and the same figures as JSON for programs."""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from rosenblatt.escape import visible
from rosenblatt.files import check_writable, write_atomic


def _silence(stream: TextIO) -> None:
    """Send what is still printed nowhere: the reader, such as `head`, has had enough."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _print(text: str, stream: TextIO) -> None:
    """Print a line; where nobody reads it, go on: there may be files to write."""
    try:
        print(text, file=stream)
    except BrokenPipeError:
        _silence(stream)


def flush() -> None:
    """Write out what standard output still holds, if anybody reads it."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)


def warn(text: str) -> None:
    """Print a line on standard error, unseen characters visible."""
    print(visible(text), file=sys.stderr, flush=True)


class Output:
    """Prints lines to standard output, or to standard error where JSON goes to the former."""

    def __init__(self, json_file: Path | str | None):
        self.json_file = json_file

    def say(self, text: str = "") -> None:
        """Print one line for people: what stands in a name moves no cursor and begins no line."""
        _print(visible(text), self.stream)

    def say_lines(self, text: str) -> None:
        """Print a text of several lines, which holds no name."""
        for line in text.split("\n"):
            self.say(line)

    @property
    def stream(self) -> TextIO:
        """Return where lines for people go."""
        return sys.stderr if self.json_file == "-" else sys.stdout

    def table(self, rows: list[list[str]]) -> None:
        """Print rows as columns of equal width, numbers to the right; the first row is a header.

        Columns that a terminal has no room for follow below, each time after the first one.
        """
        rows = [[visible(cell) for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for places in _blocks(widths, self.width):
            for row in rows:
                cells = [
                    row[p].rjust(widths[p]) if _is_number(row[p]) else row[p].ljust(widths[p])
                    for p in places
                ]
                _print("  ".join(cells).rstrip(), self.stream)

    @property
    def width(self) -> int:
        """Return how many characters a line has room for: in a file, any number."""
        return shutil.get_terminal_size().columns if self.stream.isatty() else sys.maxsize

    def figures(self, figures: dict | list) -> None:
        """Write the figures as JSON where `--json` asks. Raises UserError as write_atomic."""
        if self.json_file is None:
            return
        plain = self.json_file == "-"  # a console may lack the characters
        text = json.dumps(figures, indent=2, ensure_ascii=plain, allow_nan=False)
        if self.json_file == "-":
            _print(text, sys.stdout)
        else:
            write_atomic(self.json_file, text + "\n")


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """Give a command the option --json FILE."""
    parser.add_argument(
        "--json",
        metavar="FILE",
        type=_json_file,
        help="also write the figures as JSON (- is standard output)",
    )


def output_file(text: str) -> Path:
    """Return a path that a command will write, checked before anything is done.

    It is the `type` of an option. Raises UserError as check_writable.
    """
    check_writable(text)
    return Path(text)


def output_picture(text: str) -> Path:
    """Return as output_file the path of a picture. Raises UserError where its ending is none."""
    from rosenblatt.report.style import ending

    ending(text)
    return output_file(text)


def output_folder(text: str) -> Path:
    """Return as output_file a folder that files will be written into."""
    check_writable(Path(text) / "file")
    return Path(text)


def _json_file(text: str) -> Path | str:
    return text if text == "-" else output_file(text)


def _blocks(widths: list[int], room: int) -> Iterator[list[int]]:
    """Yield the places of columns that fit side by side, the first before each."""
    block, used = [0], widths[0]
    for place in range(1, len(widths)):
        if len(block) > 1 and used + 2 + widths[place] > room:
            yield block
            block, used = [0], widths[0]
        block.append(place)
        used += 2 + widths[place]
    yield block


def _is_number(cell: str) -> bool:
    return cell in (".", "-") or cell.strip("%+-").replace(".", "", 1).replace(",", "").isdigit()
