"""`site`: all pages written into a folder; no training, no compiling, the same bytes each time."""

import ast
import html
import json
import re
from base64 import b64encode
from pathlib import Path

from pygments.formatters import HtmlFormatter

from rosenblatt.errors import UserError
from rosenblatt.files import write_atomic
from rosenblatt.gallery import SYSTEMS
from rosenblatt.site import notebook, reference, tables
from rosenblatt.site.chapters import Page, Reader
from rosenblatt.site.source_pages import Sources

ASSETS = Path(__file__).parent / "assets"
FRONT = "index", "challenge"  # the guide's pages that are no chapters
LIVE = {"digit": "What the network sees", "plane": "Learning in the plane"}  # and that compute
LEAD = 160  # characters of a heading's text that the search knows


def build(out: Path, project: Path, helps: dict[str, str]) -> list[Path]:
    """Write the site and return its files.

    project: the folder with report/guide and report/gallery; helps: each command's help text.
    Raises UserError: no guide there, or a page names what is not there.
    """
    guide, figures = project / "report" / "guide", project / "report" / "gallery"
    if not (guide / "index.md").is_file():
        raise UserError(f"{guide}: has no index.md; build the site in a clone of the sources.")
    sources = Sources()
    reader = Reader(sources, figures, helps)
    names = [file.stem for file in sorted(guide.glob("*.md")) if file.stem not in FRONT]
    front = [reader.read(guide / f"{name}.md", name) for name in FRONT]
    chapters = [reader.read(guide / f"{name}.md", name) for name in names]
    front += [tables.commands(helps), tables.keys(guide), tables.errors(sources)]
    live = [Page(name, title, _inlined(guide / f"{name}.html")) for name, title in LIVE.items()]
    api = reference.pages(sources)
    gallery = _gallery(sources, figures, chapters)
    parts = {"": [*front, gallery], "Lecture": chapters, "Live": live, "API": api}
    content: dict[str, str | bytes] = {
        f"{page.name}.html": _framed(page, parts) for pages in parts.values() for page in pages
    }
    content |= {f"{name}.ipynb": notebook.of(reader.valued(guide / f"{name}.md")) for name in names}
    style, search = ((ASSETS / name).read_text("utf-8") for name in ("style.css", "search.js"))
    content["style.css"] = style + HtmlFormatter().get_style_defs("code") + "\n"
    content |= {font.name: font.read_bytes() for font in sorted(ASSETS.glob("*.woff"))}
    index = f"const INDEX = {_index([page for pages in parts.values() for page in pages])};\n"
    content["search.js"] = index + search
    pictures = [*guide.glob("*.png"), *(figures / f"{name}.png" for name in SYSTEMS)]
    content |= {f"gallery/{p.name}": p.read_bytes() for p in pictures if p.is_file()}
    for name, text in content.items():
        write_atomic(out / name, text)
    return [out / name for name in content]


def _inlined(path: Path) -> str:
    """Return a page's body with the files beside it, {{name}}, within: scripts, and weights."""

    def content(match: re.Match) -> str:
        held = (path.parent / match[1]).read_bytes()
        return b64encode(held).decode() if match[1].endswith(".npz") else held.decode()

    return re.sub(r"\{\{([\w.]+)\}\}", content, path.read_text("utf-8"))


def _framed(page: Page, parts: dict[str, list[Page]]) -> str:
    """Return a whole page: the menu by its parts, the body, the way to the chapters beside it."""
    links = []
    for heading, pages in parts.items():
        links.append(f"<b>{heading}</b>" * bool(heading))
        for other in pages:
            here = ' aria-current="page"' if other is page else ""
            links.append(f'<a href="{other.name}.html"{here}>{html.escape(other.title)}</a>')
    chapters, steps = parts["Lecture"], ""
    if page in chapters:
        at = chapters.index(page)
        beside = [("before", at - 1)] * (at > 0) + [("next", at + 1)] * (at + 1 < len(chapters))
        steps = "".join(
            f'<a class="{way}" href="{chapters[n].name}.html">{html.escape(chapters[n].title)}</a>'
            for way, n in beside
        )
        steps += f'<a href="{page.name}.ipynb" download>as a notebook</a>'
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(page.title)} · Rosenblatt</title>"
        '<link rel="stylesheet" href="style.css"><script src="search.js" defer></script></head>'
        '<body><details id="menu" open><summary>Menu</summary><nav><input id="search" '
        'type="search" placeholder="search" aria-label="search"><ul id="found"></ul>'
        f"{''.join(links)}</nav></details><main>{page.body}<footer>{steps}</footer></main></body>"
        "</html>\n"
    )


def _gallery(sources: Sources, figures: Path, chapters: list[Page]) -> Page:
    """Return the page of all systems, a card each. Raises UserError: one is in no one chapter."""
    cards = []
    for name in SYSTEMS:
        homes = [page for page in chapters if name in page.systems]
        if len(homes) != 1:
            places = ", ".join(page.name for page in homes) or "none"
            raise UserError(f"the system {name} is in these chapters: {places}; show it in one.")
        about = (ast.get_docstring(sources.modules[f"gallery.{name}"].tree) or "").split("\n")[0]
        there = (figures / f"{name}.png").is_file()
        picture = f'<img loading="lazy" src="gallery/{name}.png" alt="">' * there
        cards.append(
            f'<a class="card" href="{homes[0].name}.html">{picture}<b>{name}</b>'
            f"<span>{html.escape(about)}</span></a>"
        )
    about = "Every system of the lecture is one file, which trains it and draws its figure:"
    body = (
        f"<h1>Gallery</h1><p>{about} <code>python start.py gallery NAME</code>.</p>"
        f'<div class="cards">{"".join(cards)}</div>'
    )
    return Page("gallery", "Gallery", body)


def _index(pages: list[Page]) -> str:
    """Return what the search looks through, as JSON: [page and anchor, title, first words]."""
    rows = []
    for page in pages:
        rows.append([f"{page.name}.html", page.title, ""])
        for name, text in page.headings:
            after = page.body.split(f'id="{name}"', 1)[1].split(">", 1)[1]
            words = re.sub(r"<[^>]+>|\s+", " ", after[: 4 * LEAD].split("<h", 1)[0])
            lead = html.unescape(" ".join(words.split()))[:LEAD]
            rows.append([f"{page.name}.html#{name}", html.unescape(text), lead])
    return json.dumps(rows, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
