"""What a command tells of its progress: in a pipe, in a terminal, in a notebook, and to logging."""

import contextlib
import io
import logging
import os
import re
import sys
import time

import pytest

from rosenblatt import display, phases
from rosenblatt.compilation import COMPILATION
from rosenblatt.display import Display
from rosenblatt.phases import Phase, phase
from tests.silence import longest_silence


@pytest.fixture
def quick(monkeypatch):
    """Make what takes seconds take tenths, and give the logger no handler but the display's."""
    for name, seconds in (("DRAWN", 0.01), ("FIRST", 0.03), ("EVERY", 0.08)):
        monkeypatch.setattr(display, name, seconds)
    monkeypatch.setattr(phases.LOG, "hasHandlers", lambda: bool(phases.LOG.handlers))


def test_a_share_is_told_only_between_the_ends():
    one = Phase("work", 1000, begun=time.monotonic() - 30)
    assert one.words() == "30 s so far"  # of which nobody knows how much is left
    one.advance(5)
    assert one.words() == "30 s so far"
    one = Phase("work", 1000, begun=time.monotonic() - 30)
    one.advance(250)
    assert one.words() == "25%, about 1 min 30 s left"
    one.going = time.monotonic() - 10, 250  # twenty seconds passed before that
    one.advance(500)
    assert one.words() == "50%, about 20 s left"
    one.advance(1000)
    assert one.words() == "30 s so far, all but the end is done"
    one = Phase("parts", 12, even=False, begun=time.monotonic() - 30)
    one.advance(3)
    assert one.words() == "3 of 12, 30 s so far"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_durations_in_words(seconds, text):
    assert phases.in_words(seconds) == text


def test_a_pipe_gets_a_line_for_each_phase_and_again_while_it_lasts(quick, capsys):
    with Display("evaluate"), phase("training 'a\nb'", 10) as done:
        done(5)
        time.sleep(0.5)
        with phase("too short to tell"):
            pass
    lines = capsys.readouterr().err.splitlines()
    assert lines.count("evaluate: training 'a\\u{a}b': 50%, about 0 s left") >= 2, lines
    assert display.Display.running is None
    assert not phases.LOG.handlers


def test_what_was_logged_before_silences_nothing(quick, capsys):
    phases.LOG.info("heard by nobody")
    with Display("audit"):
        phases.LOG.info("heard")
    assert capsys.readouterr().err.startswith("heard\n")


def test_what_is_in_no_phase_is_told_as_well(quick, capsys):
    with Display("audit"):
        time.sleep(0.2)
    assert capsys.readouterr().err.startswith("audit: 0 s so far\n")


def test_kernels_that_are_compiled_are_named(quick, capsys):
    with Display("submit"), phase("training"), COMPILATION.of("gemm"):
        time.sleep(0.1)
    told = f"; compiling gemm once, kernel {COMPILATION.count} so far\n"
    assert told in capsys.readouterr().err


def first_run():
    """Compile, as a program does that has no display: one kernel for another, and a short one."""
    run = display.FirstRun()
    with run.compiling("product"), run.compiling("pack"):
        time.sleep(0.2)
    text = sys.stderr.getvalue() if isinstance(sys.stderr, _Terminal) else ""
    with run.compiling("sum"):
        pass
    return text


def test_a_first_run_tells_a_pipe_what_is_compiled(quick, capsys):
    first_run()
    lines = capsys.readouterr().err.splitlines()
    count = COMPILATION.count - 1
    line = f"first run on this computer: 0 s so far; compiling pack once, kernel {count} so far"
    assert lines == [line] * len(lines)
    assert 2 <= len(lines) <= 3


def test_a_first_run_has_one_line_in_a_terminal_that_is_gone_when_the_program_goes_on(
    quick, monkeypatch
):
    monkeypatch.setattr(sys, "stderr", _Terminal())
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    text = first_run()
    assert "\n" not in text
    *shown, last = text.split("\r")[1:]
    assert set(shown) == {"first run on this computer: 0 s so far; compiling pack once"}
    assert last == " " * 59


def test_a_first_run_has_one_line_in_a_notebook(quick, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel", None)
    first_run()
    text = capsys.readouterr().err
    assert "\n" not in text
    assert "compiling pack once" in text
    assert text.split("\r")[-1].strip() == ""


@pytest.mark.parametrize("quieter", ["display", "silence", "level"])
def test_a_first_run_is_told_once_or_not_at_all(quick, capsys, monkeypatch, quieter):
    monkeypatch.setattr(phases.LOG, "level", logging.ERROR if quieter == "level" else 0)
    told = {"display": Display("submit"), "silence": display.silence()}
    with told.get(quieter, contextlib.nullcontext()):
        first_run()
    assert "first run" not in capsys.readouterr().err


def test_the_count_of_the_last_time_is_told_while_it_holds(monkeypatch):
    monkeypatch.setattr(COMPILATION, "start", COMPILATION.count)
    monkeypatch.setattr(COMPILATION, "last_time", 2)
    said = []
    for name in ("gemm", "pad", "sum"):
        with COMPILATION.of(name):
            said.append(COMPILATION.words())
    assert said == [
        "compiling gemm once, kernel 1 of 2 the last time",
        "compiling pad once, kernel 2 of 2 the last time",
        "compiling sum once, kernel 3 so far",
    ]
    assert COMPILATION.words() == ""


def test_a_notebook_has_one_line_that_is_written_over_and_wiped_out(quick, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel", None)
    with Display(), phase("training", 4) as done:
        done(1)
        time.sleep(0.06)
    text = capsys.readouterr().err
    assert "\n" not in text
    assert text.startswith("\rtraining: 25%, about 0 s left")
    assert text.split("\r")[-1].strip() == ""


class _Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_narrow_terminal_has_a_bar_of_one_line(quick, monkeypatch):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    with Display("evaluate"), phase("training [red]" + 60 * "x", 10) as done:
        done(3)
        time.sleep(0.2)
    text = terminal.getvalue()
    drawn = [re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", line) for line in text.split("\r")]
    shown = next(line for line in drawn if "30%" in line)
    assert shown.startswith("training [red]xxxxx… ")
    assert shown.rstrip().endswith(" s left")
    assert len(shown.rstrip()) <= 60


def test_under_it_is_the_standard_logging(caplog):
    caplog.set_level(logging.DEBUG, "rosenblatt")
    with phase("training"):
        pass
    assert [record.getMessage() for record in caplog.records] == [
        "training: begun",
        "training: ended after 0 s",
    ]


@pytest.mark.skipif(os.name == "nt", reason="needs poll of pipes")
def test_no_command_is_silent_for_long():
    longest, said = longest_silence(["recipes"], pause=2.0, every=0.5)
    assert longest > 0
    table = next(place for place, line in enumerate(said) if line.startswith("recipe "))
    assert sum(line.endswith(" so far") for line in said[:table]) >= 2, said


def test_quiet_tells_nothing_and_verbose_each_phase():
    assert longest_silence(["recipes", "--quiet"], pause=0.5, every=0.1)[1][0][:7] == "recipe "
