"""What is written about the program: its commands are taken, its measured numbers are resolved."""

import re
import shlex
from pathlib import Path

import pytest

from rosenblatt.cli import build_parser

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "report"
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted(REPORT.glob("*.md")),
    *sorted((REPORT / "guide").glob("*.md")),
]
COMMAND = re.compile(r"^(?: {4})?python start\.py\b(.*)$|`(?:python )?start\.py\b ?([^`]*)`", re.M)
FIRST = {"test", "lint", "coverage"}  # of start.py alone
HELD = r"```.*?```|\$\$.*?\$\$|\$[^$\n]+\$|\{value[^}]*\}|`[^`]*`|^## Exercises\n.*?(?=^## )"


def commands(path):
    for whole, inline in COMMAND.findall(path.read_text("utf-8")):
        words = [w for w in shlex.split(whole or inline, comments=True) if w != "--no-setup"]
        # What the shell fills in, dots and help are no command as they stand.
        open_ended = re.search(r"\$|\.\.\.|COMMAND|--help", " ".join(words))
        if words and words[0] not in FIRST and not open_ended:
            yield words


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_the_program_takes_each_command_that_a_document_names(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    parser = build_parser()
    for words in commands(path):
        parser.parse_args(words)  # or it says what is wrong, and exits


def test_there_are_commands_to_try():
    assert sum(len(list(commands(path))) for path in DOCUMENTS) > 40


@pytest.mark.parametrize("path", sorted((REPORT / "guide").glob("[0-9]*.md")), ids=lambda p: p.stem)
def test_no_measured_number_is_typed_into_a_chapter(path):
    text = re.sub(HELD, "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert re.findall(r".*\b\d+\.\d+\b.*|.*\b\d+ ?(?:%|per ?cent).*", text) == []
