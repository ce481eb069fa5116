"""Markdown becomes Typst that says the same, and mistakes are named by their line."""

import pytest

from rosenblatt.errors import UserError
from rosenblatt.report.markdown import read_text

ABOUT = "data: 0123456789abcdef\nrecipe: 01234567\n"
HEAD = f"title: T\nteam: A\n{ABOUT}"


def convert(tmp_path, text, values=None, figures=("curves", "confusion")):
    (tmp_path / "text.md").write_text(text, encoding="utf-8")
    return read_text(tmp_path / "text.md", values or {"score": "98*7", "rows": "1,000"}, figures)


@pytest.mark.parametrize(
    ("line", "typst"),
    [
        ("# One", "= One"),
        ("### Three #3", "=== Three \\#3"),
        ("#no heading", "\\#no heading"),
        ("- item", "- item"),
        ("  12. item", "  + item"),
        ("-1 is no item", "-1 is no item"),
        ("a **b *c* $x*y$** d", "a #strong[b #emph[c] $x*y$] d"),
        ("2 * 3 * 4", "2 \\* 3 \\* 4"),
        ("`a*b*{score}`", "`a*b*{score}`"),
        ("{score} of {rows}", '#"98*7"; of #"1,000";'),
        ("${score}$", "${score}$"),
        ("[a_b](https://x.org/a_b)", '#link("https://x.org/a_b")[a\\_b]'),
        ("https://x.org", "https:\\/\\/x.org"),
        ("![A {score}](curves) ![B](confusion)",
         '#figures(("curves", [A #"98*7";]), ("confusion", [B]),)'),
    ],
)  # fmt: skip
def test_lines(tmp_path, line, typst):
    assert convert(tmp_path, HEAD + line).body == typst


def test_head_and_comments(tmp_path):
    text = convert(tmp_path, f"title: On {{rows}}\nteam: A & B , C\n{ABOUT}<!-- x\n{{y}} -->\nz")
    assert (text.title, text.team) == ('On #"1,000";', ("A & B", "C"))
    assert (text.data, text.recipe) == ("0123456789abcdef", "01234567")
    assert text.body == "\n\nz"


def test_questions_are_found_by_their_lines(tmp_path):
    body = "? Why {rows}?\nwhy?\n<!--\n? no\n-->\n? b"
    text = convert(tmp_path, f"title: T\nteam: ?\n{ABOUT}\n{body}")
    assert text.questions == (2, 6, 11)
    assert 'Why #"1,000";?' in text.body


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "\n{scor}", r"line 6: unknown value 'scor'; did you mean score\?"),
        (HEAD + "<!--\n-->\n![x](curve)", r"line 7: unknown figure 'curve'; did you mean curves"),
        (f"title: {{x}}\nteam: A\n{ABOUT}", "line 1: unknown value 'x'"),
        ("title: T\n\nhello", "start it with the lines"),
        ("title: T\nteam: A\n", "start a new one with `report --new`"),
        (f"title: T\nteam:\n{ABOUT}", "start it with the lines"),
        (f"title: T\nteam: a, b, c\n{ABOUT}", "has 3 names"),
        ("title: T\nteam: A\ndata: digits\nrecipe: 01234567\n", "line 3: 'digits' is not a digest"),
    ],
)
def test_mistakes(tmp_path, text, words):
    with pytest.raises(UserError, match=words):
        convert(tmp_path, text)


def test_no_file(tmp_path):
    with pytest.raises(UserError, match="start it with `report --new`"):
        read_text(tmp_path / "absent.md", {}, [])
