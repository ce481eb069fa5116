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
