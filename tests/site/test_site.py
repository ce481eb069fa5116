"""The static site: every reference resolved, every link good, every block run, the same bytes."""

import html
import io
import json
import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
from fontTools.ttLib import TTFont

from rosenblatt.challenge.settings import Settings
from rosenblatt.cli import build_parser
from rosenblatt.data.toml import as_type, types_of
from rosenblatt.errors import UserError
from rosenblatt.gallery import SYSTEMS
from rosenblatt.members import Member
from rosenblatt.site import notebook
from rosenblatt.site.build import build
from rosenblatt.site.chapters import Reader
from rosenblatt.site.source_pages import Sources
from rosenblatt.site.tables import tables

ROOT = Path(__file__).parents[2]
LINK = re.compile(r'<(?:a|img|link|script)\b[^>]*? (?:href|src)="([^"]+)"')
GUIDE = ROOT / "report" / "guide"
CHAPTERS = sorted(path.stem for path in GUIDE.glob("[0-9]*.md"))


def helps() -> dict[str, str]:
    [choices] = [a.choices for a in build_parser()._actions if isinstance(a.choices, dict)]
    return {name: parser.format_help() for name, parser in choices.items()}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    files = build(out, ROOT, helps())
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def pages(site):
    return {name: text.decode() for name, text in site.items() if name.endswith(".html")}


def test_a_second_build_has_the_same_bytes(site, tmp_path):
    again = build(tmp_path, ROOT, helps())
    assert {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in again} == site
    assert sum(map(len, site.values())) < 8e6


def test_every_link_leads_somewhere(site):
    found = pages(site)
    anchors = {name: set(re.findall(r' id="([^"]+)"', text)) for name, text in found.items()}
    for name, text in found.items():
        for link in map(html.unescape, LINK.findall(text)):
            file, _, place = unquote(link).partition("#")
            assert (file or name) in site, (name, link)
            assert not place or place in anchors[file or name], (name, link)


def test_the_search_knows_every_heading(site):
    text = site["search.js"].decode()
    rows = json.loads(text[len("const INDEX = ") : text.index(";\n")])
    places = {place for place, _, _ in rows}
    for name, page in pages(site).items():
        for level, anchor in re.findall(r'<h([23]) id="([^"]+)"', page):
            if level == "2" or not name.startswith("api-"):
                assert f"{name}#{anchor}" in places
    assert len(text) < 300_000


def test_every_system_is_in_one_chapter(site):
    text = {name: site[f"{name}.html"].decode() for name in CHAPTERS}
    for system in SYSTEMS:
        assert sum(f'src="gallery/{system}.png"' in page for page in text.values()) == 1, system


def test_every_command_key_and_error_has_its_place(site):
    names = "commands", "keys", "errors"
    shown = {name: html.unescape(site[f"{name}.html"].decode()) for name in names}
    assert all(text in shown["commands"] for text in helps().values())
    for kind, member in Member.kinds().items():
        assert f'kind = "{kind}"' in shown["keys"]
        assert all(f"<td>{key}</td>" in shown["keys"] for key in types_of(member))
    assert "is not one of the classes" in shown["errors"]
    assert shown["errors"].count("<li>") > 500
    challenge = site["challenge.html"].decode()
    for key in types_of(Settings):
        assert re.search(rf"<code>\[?{key}\]?</code>", challenge), key
        assert f"<td>{key}</td>" in shown["keys"]


def test_the_real_reader_takes_the_example_of_each_key(site):
    found = re.findall(
        r"<h2[^>]*>(.*?)</h2>.*?(<table>.*?</table>)", site["keys.html"].decode(), re.S
    )
    shown = {html.unescape(heading): table for heading, table in found}
    assert shown.keys() == tables().keys()
    for heading, cls in tables().items():
        rows = [re.findall("<td>(.*?)</td>", row) for row in shown[heading].split("<tr>")[2:]]
        assert [row[0] for row in rows] == [*types_of(cls)]
        for key, _, _, line in rows:
            [(written, value)] = tomllib.loads(html.unescape(line)).items()
            value = as_type(types_of(cls)[key], value, heading)
            assert written == key
            assert key not in (ranges := getattr(cls, "settings", {})) or ranges[key].holds(value)
            assert value or value is False, (heading, key)  # something is to be seen


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_has_its_parts(site, name):
    page = (GUIDE / f"{name}.md").read_text("utf-8")
    words = len(re.findall(r"\w+", re.sub(r"```.*?```", "", page, flags=re.DOTALL)))
    assert 580 <= words <= 1500
    assert 1 <= len(re.findall(r"^\{source ", page, re.MULTILINE)) <= 3
    assert len(re.findall(r"^```python$", page, re.MULTILINE)) == 1
    exercises = page.split("## Exercises\n", 1)[1].split("## ", 1)[0]
    assert len(re.findall(r"^\d\. ", exercises, re.MULTILINE)) == 3
    assert "## Read on" in page
    text = site[f"{name}.html"]
    assert len(text) < 80_000
    assert b"\xee\x80" not in text  # nothing that stood for something else is left
    book = json.loads(site[f"{name}.ipynb"])
    assert sum(cell["cell_type"] == "code" for cell in book["cells"]) == 1
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
    assert all(re.fullmatch(r"[\w-]{1,64}", cell["id"]) for cell in book["cells"])
    assert not re.search(r"\{(value|source|system|help|readme) ", site[f"{name}.ipynb"].decode())


@pytest.mark.parametrize("name", ["index", *CHAPTERS])
def test_the_blocks_of_a_page_run(name, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    space: dict = {"__name__": name}
    book = json.loads(notebook.of((GUIDE / f"{name}.md").read_text("utf-8")))  # the blocks are its
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{name}.md", "exec"), space)


@pytest.fixture(scope="module")
def sources():
    return Sources()


@pytest.mark.parametrize(
    "gone",
    [
        "{source layers.dense:Dense.sideways}", "{source layers.gone:Dense}", "{system nothing}",
        "{help nothing}", "{value memory.nothing}", "{value memory.solved_at_200}",
        "{source layers.recurrent}",
    ],
)  # fmt: skip
def test_a_name_that_is_gone_is_refused_with_file_and_line(tmp_path, sources, gone):
    page = tmp_path / "page.md"
    page.write_text(f"# Title\n\nSome words.\n\n{gone}\n")
    reader = Reader(sources, ROOT / "report" / "gallery", helps())
    with pytest.raises(UserError, match=r"page\.md: line 5: .* names nothing"):
        reader.read(page, "page")


def test_a_section_that_the_readme_lacks_is_refused(tmp_path, sources):
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n{readme nothing}\n")
    with pytest.raises(UserError, match="has no section nothing"):
        Reader(sources, ROOT / "report" / "gallery", {}).read(page, "page")


def test_a_formula_that_cannot_be_set_is_refused(tmp_path, sources):
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n$ nonsense_( $\n")
    with pytest.raises(UserError, match="formula"):
        Reader(sources, ROOT, {}).read(page, "page")


def test_a_project_without_a_guide_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"no index\.md"):
        build(tmp_path / "site", tmp_path, {})


def test_the_equations_font_has_each_sign_of_each_formula(site):
    fonts = [TTFont(io.BytesIO(site[name])) for name in ("math.woff", "math-italic.woff")]
    known = {sign for font in fonts for sign in font.getBestCmap()}
    formulas = re.findall(r"<math.*?</math>", "".join(pages(site).values()), re.DOTALL)
    signs = set(html.unescape(re.sub(r"<[^>]+>|\s", "", "".join(formulas))))
    assert formulas
    assert {sign for sign in signs if ord(sign) not in known} == set()
    assert sum(len(content) for name, content in site.items() if name.endswith(".woff")) < 30_000
