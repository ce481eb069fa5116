"""A page of Markdown with its references resolved: source, values, systems, help, formulas.

    {source layers.dense:Dense.backward}    the excerpt, on a line of its own
    {system memory}                         a system's figure, its command and its machine; likewise
    {help submit}                           a command's own help; likewise
    {readme challenge.toml}                 the README's section of that heading; likewise
    {value memory.solved_at_200.LSTM}       a figure of merit, anywhere in a line
    $a^2$, or $$ ... $$ displayed           Typst's mathematics

Each is resolved when the site is built; a name that is gone is an error with file and line.
"""

import html
import json
import keyword
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import RegexLexer, words
from pygments.lexers import TextLexer
from pygments.lexers.configs import TOMLLexer
from pygments.token import Comment, Keyword, Name, Number, String, Text

from rosenblatt.errors import UserError
from rosenblatt.site.equations import mathml
from rosenblatt.site.source_pages import Sources

LINES = 40  # of an excerpt, at most


class PythonLexer(RegexLexer):  # a fifth of the time of Pygments' own, which knows much more
    """Tells keywords, strings, comments, numbers and decorators of Python, and no more."""

    tokens: ClassVar = {"root": [
        (r"[^\w#'\"@]+", Text),
        (r"(?s)[rbfRBF]{0,2}(\"{3}|'{3}|\"|')(\\.|.)*?\1", String),
        (words(keyword.kwlist, suffix=r"\b"), Keyword),
        (r"\d[\w.]*", Number),
        (r"\w+", Text),
        (r"#.*", Comment),
        (r"@[\w.]*", Name.Decorator),
    ]}  # fmt: skip


LEXERS = {"python": PythonLexer, "toml": TOMLLexer}
PLAIN = HtmlFormatter(nowrap=True)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![`\\$])\$([^$\n`]+)\$", re.DOTALL)
BLOCK = re.compile(r"^\{(source|system|help) ([\w.:]+)\}$", re.MULTILINE)
VALUE = re.compile(r"\{value (\w+)(\.[^{}:]+)(?::([^{}]+))?\}")
README = re.compile(r"^\{readme (.+)\}$", re.MULTILINE)
HEADING = re.compile(r"<h([23])>(.*?)</h\1>")
HELD = re.compile(r"\ue000(\d+)\ue001")
ALONE = re.compile(r"<p>\ue000(\d+)\ue001</p>")  # a block is no part of a paragraph


@dataclass
class Page:
    """A page: its name, title, body in HTML, headings (anchor, text), blocks (line, Python)."""

    name: str
    title: str
    body: str
    headings: list[tuple[str, str]] = field(default_factory=list)
    blocks: list[tuple[int, str]] = field(default_factory=list)
    systems: list[str] = field(default_factory=list)
    words: int = 0


def coloured(code: str, language: str = "python") -> str:
    """Return code as HTML, its parts in spans of Pygments' classes."""
    lexer = LEXERS.get(language, TextLexer)(stripnl=False)
    return f'<pre tabindex="0"><code>{highlight(code, lexer, PLAIN)}</code></pre>'


def anchor(text: str) -> str:
    """Return the anchor of a heading: its words in small letters, joined by hyphens."""
    return "-".join(re.findall(r"\w+", re.sub(r"<[^>]+>", "", text).lower()))


class Reader:
    """Turns Markdown files into pages; helps: each command's help, figures: report/gallery."""

    def __init__(self, sources: Sources, figures: Path, helps: dict[str, str]) -> None:
        self.sources, self.figures, self.helps = sources, figures, helps
        self.markdown = MarkdownIt("commonmark", {"html": False}).enable("table")

    def read(self, path: Path, name: str) -> Page:
        """Return the page of a file. Raises UserError naming file and line of what is missing."""
        text = README.sub(lambda m: self._section(path, m[1]), path.read_text("utf-8"))
        page = Page(name, "", "")
        held: list[str] = []

        def hold(content: str) -> str:
            held.append(content)
            return f"\ue000{len(held) - 1}\ue001"

        def fenced(match: re.Match) -> str:
            if match[1] == "python":
                page.blocks.append((_line(text, match[2]), match[2]))
            return hold(coloured(match[2], match[1]))

        body = FENCE.sub(fenced, text)
        body = BLOCK.sub(lambda m: hold(self._resolved(path, text, m, page)), body)
        body = VALUE.sub(lambda m: self._resolved(path, text, m, page), body)
        page.words = len(re.findall(r"\w+", HELD.sub("", body)))
        formulas = [(m[1] or m[2], m[1] is not None) for m in FORMULA.finditer(body)]
        places = iter(mathml(formulas))
        body = FORMULA.sub(lambda m: hold(next(places)), body)
        rendered = self.markdown.render(body)
        rendered = ALONE.sub(lambda m: held[int(m[1])], rendered)
        rendered = HELD.sub(lambda m: held[int(m[1])], rendered)
        page.body = HEADING.sub(lambda m: _heading(m, page), rendered)
        title = re.search(r"<h1>(.*?)</h1>", page.body)
        if title is None:
            raise UserError(f"{path}: has no title; begin with a line such as # {name}.")
        page.title = re.sub(r"<[^>]+>", "", title[1])
        return page

    def valued(self, path: Path) -> str:
        """Return a file's text, its figures of merit put in. Raises UserError as read."""
        text = path.read_text("utf-8")
        return VALUE.sub(lambda m: self._resolved(path, text, m, Page("", "", "")), text)

    def _resolved(self, path: Path, text: str, match: re.Match, page: Page) -> str:
        kinds: dict[str, Callable[..., str]] = {
            "source": self._source, "system": self._system, "help": self._help,
        }  # fmt: skip
        try:
            if match.re is VALUE:
                return self._value(match[1], match[2], match[3])
            if match[1] == "system":
                page.systems.append(match[2])
            return kinds[match[1]](match[2])
        except (KeyError, OSError, TypeError, ValueError) as error:
            raise UserError(
                f"{path}: line {_line(text, match[0])}: {match[0]} names nothing that there is "
                f"({error}); fix the name."
            ) from error

    def _section(self, path: Path, heading: str) -> str:
        readme = self.figures.parents[1] / "README.md"
        if not readme.is_file():
            raise UserError(f"{path}: shows a part of {readme}, which is not there; put it back.")
        parts = readme.read_text("utf-8").split("\n## ")
        found = [part for part in parts if part.startswith(f"{heading}\n")]
        if not found:
            raise UserError(f"{path}: the README has no section {heading}; fix the name.")
        return found[0].split("\n", 1)[1].strip()

    def _source(self, where: str) -> str:
        excerpt = self.sources.find(where)
        if (lines := excerpt.code.count("\n") + 1) > LINES:
            raise ValueError(f"{lines} lines, and an excerpt has {LINES} at most")
        caption = f"<figcaption>{excerpt.path}, line {excerpt.line}</figcaption>"
        return f'<figure class="source">{caption}{coloured(excerpt.code)}</figure>'

    def _line_of_figures(self, name: str) -> dict[str, Any]:
        return json.loads((self.figures / f"{name}.json").read_text("utf-8"))

    def _system(self, name: str) -> str:
        line = self._line_of_figures(name)
        data = f" --data {line['data']}" if line["data"] else ""
        minutes = f"{line['cpu_seconds']:.0f} s of all threads together, {html.escape(line['cpu'])}"
        command = f"<code>python start.py gallery {name}{html.escape(data)}</code>"
        return (
            f'<figure><a href="gallery/{name}.png"><img loading="lazy" src="gallery/{name}.png" '
            f'alt="what the system {name} shows"></a>'
            f"<figcaption>{command}: {minutes}</figcaption></figure>"
        )

    def _help(self, command: str) -> str:
        return coloured(self.helps[command], "text")

    def _value(self, name: str, keys: str, form: str | None) -> str:
        node: Any = self._line_of_figures(name)
        path = keys[1:]
        while path and isinstance(node, dict):  # a key may hold dots: the longest that fits
            key = max((k for k in node if f"{path}.".startswith(f"{k}.")), key=len, default=None)
            if key is None:
                raise KeyError(path)
            node, path = node[key], path[len(key) + 1 :]
        if path or isinstance(node, dict | list):
            raise ValueError("several values, where one is asked for")
        return html.escape(format(node, form) if form else str(node))


def _line(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def _heading(match: re.Match, page: Page) -> str:
    name = anchor(match[2])
    page.headings.append((name, re.sub(r"<[^>]+>", "", match[2])))
    return f'<h{match[1]} id="{name}">{match[2]}</h{match[1]}>'
