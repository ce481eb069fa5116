"""What a command prints is one line a sentence, whatever stands in the names."""

from pathlib import Path

from rosenblatt import cli
from rosenblatt.cli.output import Output, warn

NAME = "cat\nodd      nothing\r\x1b[2Jdog\u202e"


def test_a_name_begins_no_line_and_moves_no_cursor(capsys):
    Output(None).say(NAME)
    Output("-").say(NAME)
    warn(NAME)
    Output(None).table([[NAME, "1"]])
    said = capsys.readouterr()
    shown = "cat\\u{a}odd      nothing\\u{d}\\u{1b}[2Jdog\\u{202e}"
    assert said.out.splitlines() == [shown, f"{shown}  1"]
    assert said.err.splitlines() == [shown, shown]


def test_a_mistake_is_one_line(capsys):
    assert cli.main(["inspect", f"/{NAME}"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_commands_print_in_no_other_way():
    folder = Path(cli.__file__).parent
    printing = [path.name for path in folder.glob("*.py") if "print(" in path.read_text()
                .replace("_print(", "").replace("fingerprint(", "")]  # fmt: skip
    assert printing == ["output.py"]


def test_a_table_that_is_too_wide_for_a_terminal_goes_on_below(capsys, monkeypatch):
    rows = [["name", *(f"column {n}" for n in range(9))], ["first", *map(str, range(9))]]
    Output(None).table(rows)
    assert len(capsys.readouterr().out.splitlines()) == 2  # a file has room
    monkeypatch.setattr(Output, "width", 60)
    Output(None).table(rows)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 60
    assert [line.split()[0] for line in lines] == ["name", "first"] * 2
    assert " ".join(lines[::2]).count("column") == 9
