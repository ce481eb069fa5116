"""The command line: quick help, one-line errors, exit codes that scripts can rely on."""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rosenblatt import cli
from rosenblatt.cli import main
from rosenblatt.cli.output import Output
from rosenblatt.errors import UserError
from tests.challenge.folders import small_course

ROOT = Path(__file__).parents[2]
RUN = "import sys; from rosenblatt.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def environment(tmp_path):
    """Return an environment in which Python finds the package, and a cache of its own."""
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), "XDG_CACHE_HOME": str(tmp_path / "own")}


@pytest.fixture
def fails(monkeypatch):
    """Make every command raise the given error."""

    def arrange(error):
        def run(arguments):
            raise error

        class Parser:
            def parse_args(self, argv):
                return argparse.Namespace(run=run, command=None, quiet=True)

        monkeypatch.setattr(cli, "build_parser", lambda home: Parser())

    return arrange


def test_a_mistake_is_one_line_and_code_2(fails, capsys):
    fails(UserError("a.csv: row 3: wrong; fix it."))
    assert main([]) == 2
    assert capsys.readouterr() == ("", "error: a.csv: row 3: wrong; fix it.\n")


def test_an_interruption_is_one_line_and_code_130(fails, capsys):
    fails(KeyboardInterrupt())
    assert main([]) == 130
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1


def test_our_own_mistakes_are_not_hidden(fails):
    fails(ZeroDivisionError("ours"))
    with pytest.raises(ZeroDivisionError):
        main([])


def test_without_a_command_the_help_is_shown(capsys):
    assert main([], ROOT) == 0
    said = capsys.readouterr().out
    for name in ("inspect", "check"):
        assert f"    {name} " in said
    for words in ("test [OPTIONS]", "lint", "coverage", "--no-setup", "audit"):
        assert words in said


@pytest.mark.parametrize(
    "arguments", [["check"], ["no-such-command"], ["inspect", "--colour", "x"]]
)
def test_wrong_arguments_are_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_help_and_version_import_nothing_heavy(environment):
    probe = "import sys; from rosenblatt.cli import build_parser; build_parser().format_help(); "
    probe += "print([n for n in ('numpy', 'numba', 'pandas', 'matplotlib') if n in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", probe], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"


@pytest.mark.skipif(os.name == "nt", reason="pipes end differently on Windows")
def test_a_reader_that_has_had_enough_is_no_error(tmp_path, environment):
    folder = small_course(tmp_path / "data")
    arguments = ["check", folder / "Ytr.csv", folder]
    reading, writing = os.pipe()
    os.close(reading)
    run = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        env=environment,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (run.returncode, run.stderr) == (2, "")  # labels of other rows: the check's own answer


@pytest.mark.skipif(os.name == "nt", reason="pipes end differently on Windows")
def test_figures_are_written_though_nobody_reads_on(tmp_path, environment):
    folder, figures = small_course(tmp_path / "data"), tmp_path / "figures.json"
    reading, writing = os.pipe()
    os.close(reading)
    subprocess.run(
        [sys.executable, "-c", RUN, "inspect", folder, "--json", figures],
        env=environment | {"PYTHONUNBUFFERED": "1"},
        cwd=tmp_path,
        stdout=writing,
        check=True,
    )
    os.close(writing)
    assert json.loads(figures.read_text())["name"] == "data"


@pytest.mark.skipif(os.name == "nt", reason="needs SIGINT")
def test_ctrl_c_while_a_large_file_is_read(tmp_path, environment):
    path = tmp_path / "Xtr.csv"
    with open(path, "w") as file:
        row = ",".join(["0.123456789"] * 3072) + "\n"
        file.writelines([row] * 3000)
    (tmp_path / "Ytr.csv").write_text("Id,Prediction\n1,0\n2,1\n")
    (tmp_path / "Xte.csv").write_text(row)
    begin = RUN.replace("sys.exit", "print('begun', flush=True); sys.exit")
    run = subprocess.Popen(
        [sys.executable, "-c", begin, "inspect", tmp_path, "--out", tmp_path / "sheet.png"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert run.stdout.readline() == "begun\n"
    time.sleep(0.8)  # it is reading the numbers by now, which takes 2 s
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=20)
    if run.returncode == 2:
        pytest.skip("this machine read 100 MB before it could be interrupted")
    assert run.returncode == 130
    assert (out, err.count("\n")) == ("", 1)
    assert not (tmp_path / "sheet.png").exists()


@pytest.mark.parametrize("off", [{}, {"NO_COLOR": "1"}])
def test_no_color_is_obeyed(environment, off):
    """A terminal, a bar and a help text: coloured as the user likes it."""
    show = (
        "from rosenblatt.cli import build_parser; from rosenblatt.display import _Bar;"
        "import sys; sys.stderr.isatty = lambda: True; from rosenblatt.phases import Phase;"
        "_Bar().draw([], [Phase('x', 9, done=4, begun=-9.0)]);"
        "print(build_parser().format_help(), file=sys.stderr)"
    )
    plain = {key: value for key, value in environment.items() if key != "NO_COLOR"}
    forced = {**plain, "FORCE_COLOR": "1", "TERM": "xterm-256color", **off}
    run = subprocess.run(
        [sys.executable, "-c", show], env=forced, capture_output=True, text=True, check=True
    )
    coloured = re.search("\x1b\\[[0-9;]*3[0-9]", run.stderr)
    assert bool(coloured) == (not off)


@pytest.mark.parametrize(
    ("home", "program"), [(None, "rosenblatt"), (ROOT, "python start.py")], ids=["wheel", "start"]
)
def test_help_names_the_program_as_it_was_started(capsys, home, program):
    for words in ([], ["submit"]):
        with pytest.raises(SystemExit):
            main([*words, "--help"], home)
        said = " ".join(capsys.readouterr().out.split())
        assert said.startswith(f"usage: {' '.join([program, *words])}")
        assert f"{program} submit data/digits" in said
        other = "python start.py" if home is None else "rosenblatt "
        assert other not in said.replace("start.py, the one", "")


@pytest.mark.parametrize("place", [0, 1])
def test_the_project_is_named_before_or_after_the_command(tmp_path, monkeypatch, capsys, place):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine" / "submissions").mkdir(parents=True)
    words = ["ledger"]
    words[place:place] = ["--project", "mine"]
    assert main(words) == 0
    assert f"lines in {Path('mine', 'submissions', 'ledger.csv')}" in capsys.readouterr().out
    assert main(["ledger"], tmp_path) == 0
    assert f"lines in {Path('submissions', 'ledger.csv')}" in capsys.readouterr().out


def test_a_console_that_lacks_a_character_prints_another(tmp_path, environment):
    folder = small_course(tmp_path / "data")
    (folder / "challenge.toml").write_text('name = "Ziffern \u2192 \u6570"\n', "utf-8")
    narrow = {**environment, "PYTHONIOENCODING": "cp1252"}
    for options in ([], ["--json", "-"]):
        run = subprocess.run(
            [sys.executable, "-c", RUN, "inspect", folder, *options],
            cwd=tmp_path, env=narrow, capture_output=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        assert b"Ziffern ? ?" in (run.stderr if options else run.stdout)
    assert json.loads(run.stdout)["name"] == "Ziffern \u2192 \u6570"


def test_no_name_moves_the_cursor(fails, capsys):
    fails(UserError("a\x1b[2Jb\u202e.csv: wrong\nmend it."))
    assert main([]) == 2
    assert capsys.readouterr().err == "error: a\\u{1b}[2Jb\\u{202e}.csv: wrong\\u{a}mend it.\n"
    Output(None).table([["class", "rows"], ["\x1b[31mred", "3"]])
    assert "\x1b" not in capsys.readouterr().out
