"""What is written about the program: its commands are taken, its measured numbers are resolved.

    python -m tests.site.test_documents

runs, in a copy of the project, all commands that the documents name and that end within minutes.
"""

import re
import shlex
import shutil
import sys
import tempfile
from pathlib import Path
from unittest.mock import Mock

import pytest

from rosenblatt.cli import build_parser, main

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

# In the suite run those that need little; all but these run on demand: hours, a network, a cluster.
CHEAP = {"inspect", "recipes", "submit", "check", "submitted", "ledger", "leaderboard", "exercise"}
LONG = {"bench", "package", "report", "audit", "reproduce"}


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


def project(place):
    """Fill a folder with what the commands of the documents work on, and return it."""
    for name in ("data", "submissions", "report"):
        shutil.copytree(ROOT / name, place / name)
    shutil.copy(ROOT / "README.md", place)
    shutil.copy(place / "submissions" / "final.toml", place / "mine.toml")
    return place


def run(words, place):
    """Run a command as it stands, but with little data and one thread where it can."""
    [choices] = [a.choices for a in build_parser()._actions if isinstance(a.choices, dict)]
    known = choices[words[0]]._option_string_actions
    more = [*["--quick"] * ("--quick" in known), *["--threads", "1"] * ("--threads" in known)]
    assert main([*words, *more, "--project", str(place)]) == 0, words


def test_the_cheap_commands_of_the_documents_run(tmp_path, monkeypatch):
    monkeypatch.chdir(project(tmp_path))
    found = [words for path in DOCUMENTS for words in commands(path) if words[0] in CHEAP]
    tried = [
        words for n, words in enumerate(found) if words not in found[:n] and "kept" not in words
    ]
    assert len(tried) >= 10
    for words in tried:
        run(words, tmp_path)


@pytest.mark.parametrize("path", [ROOT / "README.md", REPORT / "cluster.md"], ids=lambda p: p.stem)
def test_the_block_for_a_cluster_runs(path, monkeypatch, capsys):
    jobs, security = Mock(), Mock()  # neither package comes along
    monkeypatch.setitem(sys.modules, "dask_jobqueue", jobs)
    monkeypatch.setitem(sys.modules, "distributed", security)
    blocks = re.findall(r"^```python\n(.*?)^```", path.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    [block] = [block for block in blocks if "dask_jobqueue" in block]
    exec(compile(block, path.name, "exec"), {})
    jobs.SLURMCluster().scale.assert_called_once_with(jobs=10)
    assert jobs.SLURMCluster.call_args_list[0].kwargs["processes"] == 4
    assert "scheduler_address" in capsys.readouterr().out


def test_there_are_commands_to_try():
    assert sum(len(list(commands(path))) for path in DOCUMENTS) > 40


@pytest.mark.parametrize("path", sorted((REPORT / "guide").glob("[0-9]*.md")), ids=lambda p: p.stem)
def test_no_measured_number_is_typed_into_a_chapter(path):
    text = re.sub(HELD, "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert re.findall(r".*\b\d+\.\d+\b.*|.*\b\d+ ?(?:%|per ?cent).*", text) == []


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.chdir(project(Path(folder)))
        for path in DOCUMENTS:
            for words in commands(path):
                if words[0] not in LONG and "--cluster" not in words:
                    print("python start.py", *words, flush=True)
                    run(words, Path(folder))
    sys.exit(0)
