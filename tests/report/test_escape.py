"""Names from files are data in what a report is made of, whatever stands in them."""

import dataclasses
import html.parser
import io
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.ledger import Run
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.challenge.target import Classes
from rosenblatt.escape import visible
from rosenblatt.members.kernel_perceptron import KernelPerceptronMember
from rosenblatt.members.network import NetworkMember
from rosenblatt.report import style
from rosenblatt.report.escape import drawn, markdown, script, short, shown, typst
from rosenblatt.report.markdown import Text
from rosenblatt.report.measured import values
from rosenblatt.report.page import write_page
from rosenblatt.report.pdf import build_report, typeset
from rosenblatt.report.sheet import write_sheet
from tests.challenge.folders import course, pixels
from tests.report.test_pdf import TEMPLATE, evidence, text_about

CODE = [
    '$#panic("x")$', '#panic("x")', '"); #panic(("', "\\u{24}#panic()", "*_`$[]{}<a>@b", "= h",
    "- i", "//", "/* x", "$\\frac{$", "$x$", "<!--<script>", "</script><script>alert(1)</script>",
    "]]>", "&lt;", "=1+1", "@x", "+1", "-1", "{score}", "\u202eabc", "\u200f", "a\0b", "\ud800",
    "two\nlines", "\ue000", "x" * 3000, "|`|", "\u2028", "http://x.org", "~", "'q' -- \u2026", "\\",
]  # fmt: skip
NASTY = st.text(st.characters() | st.sampled_from("$#\\\"'`*_{}[]<>/@=~;|&\n\0"), max_size=40)
BARE = """#let report(title: [], team: (), body) = {
  title
  body
}
#let figures = none
"""
NAMES = NASTY | st.sampled_from(CODE)


@pytest.fixture(scope="module")
def challenge(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    return load_challenge(course(folder, pixels(30), [0, 1, 2] * 10, pixels(8, seed=1)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    (folder / "template.typ").write_text(BARE)
    return folder


def letters(text):
    return [char for char in text if char.isascii() and char.isalnum()]


@settings(max_examples=12, deadline=None)
@given(st.lists(NAMES, min_size=8, max_size=8))
@example(CODE)
def test_typst_sets_a_name_and_runs_nothing(folder, names):
    """Each between marks, since a text that joins the next would run on: its letters come out."""
    body = "\n\n".join(f"[{typst(short(name))}.len() end]" for name in names)
    content = typeset(folder, Text(typst(names[0]), (typst(names[1]),), body))
    found = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    wanted = "".join(f"{visible(short(name))}.len() end" for name in names)
    assert letters(found)[-len(letters(wanted)) :] == letters(wanted)


@given(NAMES)
def test_a_name_in_a_script_is_that_name(text):
    written = script({"name": text})
    assert json.loads(written) == {"name": text}
    assert written.isascii()
    assert not set(written) & set("<>&")


@given(NAMES)
def test_a_shown_name_is_one_short_line(text):
    found = shown(text)
    assert len(found) <= 60
    assert found.isprintable() or "\u200c" in found or "\u200d" in found or not found.isascii()
    assert len(found.splitlines()) <= 1
    cell = markdown(text)
    assert cell.replace("\\\\", "").replace("\\|", "").count("|") == 0


@settings(max_examples=8, deadline=None)
@given(st.lists(NAMES, min_size=8, max_size=8))
@example(CODE)
def test_matplotlib_draws_a_name_as_it_is(tmp_path_factory, names):
    path = tmp_path_factory.mktemp("figure") / "figure.svg"
    with style.figure(path, 8, 8) as figure:
        axes = figure.subplots()
        for place, name in enumerate(names):
            text = axes.text(0, place, drawn(name))
            assert not text.get_text().replace("\\$", "").count("$")
    assert path.stat().st_size


class Scripts(html.parser.HTMLParser):
    """Counts the scripts of a page, as a browser cuts them."""

    def __init__(self):
        super().__init__()
        self.found = 0

    def handle_starttag(self, tag, attributes):
        self.found += tag == "script"


@pytest.mark.parametrize("name", CODE)
def test_a_page_of_any_name(challenge, tmp_path, name):
    named = dataclasses.replace(
        challenge, name=name, target=Classes(challenge.labels, (name, name + "b", "c"))
    )
    path = tmp_path / "page.html"
    write_page(path, named, evidence(challenge), [Run(name, data=challenge.digest, folder=name)])
    page = Scripts()
    page.feed(path.read_text(encoding="utf-8"))
    assert page.found == 2
    data = path.read_text(encoding="utf-8").split('id="data">', 1)[1].split("</script>", 1)[0]
    assert json.loads(data)["classes"][0] == shown(name)


def test_a_whole_report_of_such_names(challenge, tmp_path):
    """The panic ran from challenge.toml; a class such as $\\frac{$ stopped Matplotlib."""
    named = dataclasses.replace(
        challenge,
        name='$#panic("x")$',
        target=Classes(challenge.labels, ("$\\frac{$", "<!--<script>", "\u202e\0#panic()")),
    )
    recipe = Recipe('$#panic("y")$', members=(NetworkMember(count=2), KernelPerceptronMember()))
    (tmp_path / "template.typ").write_bytes(TEMPLATE.read_bytes())
    found = dataclasses.replace(evidence(challenge), recipe=recipe.digest)
    text = text_about(named, recipe) + "\n{confused_true} {confused_said}\n"
    (tmp_path / "text.md").write_text(text, encoding="utf-8")
    made = build_report(tmp_path, named, recipe, found)
    said = PdfReader(made.path).pages[0].extract_text()
    assert '$#panic("x")$' in said
    assert visible(values(named, recipe, found)["confused_true"]) in said.replace("\n", "")
    write_sheet(tmp_path / "sheet.png", named)
