"""The shell completes what the parser knows."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rosenblatt.cli import build_parser, main
from rosenblatt.cli.completion import following

SRC = Path(__file__).parents[2] / "src"


def test_words():
    assert {"submit", "evaluate", "ledger"} <= set(following([]))
    assert following(["no such"]) == following([])
    assert {"--recipe", "--folds", "--help"} <= set(following(["evaluate", "data"]))


def test_every_command_has_an_example():
    parser = build_parser()
    for action in parser._actions:
        for name, command in (getattr(action, "choices", None) or {}).items():
            assert "example" in (command.epilog or ""), name


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts(shell, capsys):
    assert main(["completion", shell]) == 0
    said = capsys.readouterr().out
    assert " completion words " in said
    assert "start.py" in said


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_in_bash(tmp_path):
    program = tmp_path / "rosenblatt"
    program.write_text(
        f"#!/bin/sh\nPYTHONPATH={SRC} exec {sys.executable} -c "
        "'import sys; from rosenblatt.cli import main; sys.exit(main(sys.argv[1:]))' \"$@\"\n"
    )
    program.chmod(0o755)
    script = (
        'eval "$(rosenblatt completion bash)"; COMP_WORDS=(rosenblatt evaluate data --fo); '
        'COMP_CWORD=3; _rosenblatt; echo "${COMPREPLY[@]}"'
    )
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    assert _said(script, environment, tmp_path) == ["--folds"]
    (tmp_path / "start.py").write_text(
        f"import sys\nsys.path.insert(0, {str(SRC)!r})\n"
        "from rosenblatt.cli import main\nsys.exit(main(sys.argv[1:]))\n"
    )
    script = script.replace("(rosenblatt evaluate", f"({sys.executable} ./start.py evaluate")
    script = script.replace("CWORD=3; _rosenblatt", "CWORD=4; _rosenblatt_python")
    assert _said(script, environment, tmp_path) == ["--folds"]
    assert _said(script.replace("./start.py", "other.py"), environment, tmp_path) == []


def _said(script, environment, place):
    run = subprocess.run(
        ["bash", "-c", script], env=environment, cwd=place, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return run.stdout.split()
