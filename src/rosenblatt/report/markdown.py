"""The student's Markdown, turned into Typst: headings, lists, emphasis, links, code, formulas.

Formulas between dollar signs are Typst's own and pass unchanged. {name} stands for a measured
value, and ![caption](name) for a figure; several on one line stand side by side. A line that begins
with "? " is a question to the author, which is still open.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rosenblatt.data.text import check_file
from rosenblatt.errors import UserError, meant
from rosenblatt.report.escape import typst

HEAD = {
    "title": "title: ...",
    "team": "team: NAME, NAME",
    "data": "data: the digest of the challenge's data",
    "recipe": "recipe: the digest of the recipe",
}
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
FIGURE = re.compile(r"!\[([^\]]*)\]\(([\w-]+)\)")
SPAN = re.compile(r"(`[^`]*`|\$[^$]*\$)|\{([\w.]+)\}")
KEPT = "\ue000"  # of the private area of Unicode: stands for code, a formula, a value meanwhile
MARKS = {
    re.compile(r"\*\*(.+?)\*\*"): "#strong[{}]",
    re.compile(r"(?<![\w*])\*([^*\s][^*]*)\*"): "#emph[{}]",
}
LINK = re.compile(r"\[([^\]]+)\]\((https?://[^\s)]+)\)")
SPECIAL = re.compile(r"([\\#$@<>~_*\[\]/`])")
LEADING = re.compile(r"^(\s*)([+-]|=+)(?=\s|$)")  # a heading or an item of Typst
OPEN = '#text(fill: rgb("#b00020"))[*To answer:* {}]'


@dataclass(frozen=True)
class Text:
    """A report's text: its title, the team's names, and the body in Typst; the digests of what it
    is about; the lines with questions that are still open."""

    title: str
    team: tuple[str, ...]
    body: str
    data: str = ""
    recipe: str = ""
    questions: tuple[int, ...] = ()


def read_text(path: Path, values: Mapping[str, str], figures: Iterable[str]) -> Text:
    """Return a report's text with values and figures put in.

    The file begins with the lines of HEAD: the team has one or two names, a comma between; digests
    are of 8 letters or more. Raises UserError naming the line: something of the head is missing,
    too many names, an unknown value or figure.
    """
    lines = _lines(path)
    head = read_head(path)
    size = len(HEAD)
    names = [name.strip() for name in head["team"].split(",") if name.strip()]
    places = [
        _Line(f"{path}: line {number}", values, figures) for number in range(1, len(lines) + 1)
    ]
    body = [place.convert(line) for place, line in zip(places[size:], lines[size:], strict=True)]
    questions = [n for n, line in enumerate(lines[size:], size + 1) if line.startswith("? ")]
    for number, key in enumerate(HEAD, 1):
        if head[key] == "?":
            questions.insert(0, number)
    return Text(
        places[0].text(head["title"]),
        tuple(map(_inline, names)),
        "\n".join(body),
        head["data"],
        head["recipe"],
        tuple(sorted(questions)),
    )


def read_head(path: Path) -> dict[str, str]:
    """Return the head of a report's text by its keys. Raises UserError as read_text."""
    head = {}
    for line in _lines(path)[: len(HEAD)]:
        key, _, value = line.partition(":")
        head[key.strip()] = value.strip()
    if list(head) != list(HEAD) or not all(head.values()):
        forms = ", ".join(f"`{form}`" for form in HEAD.values())
        raise UserError(
            f"{path}: start it with the lines {forms}; or start "
            "a new one with `report --new`, which knows them and keeps this text."
        )
    names = [name for name in head["team"].split(",") if name.strip()]
    if not 1 <= len(names) <= 2:
        raise UserError(f"{path}: line 2: has {len(names)} names; a team has one or two.")
    for number, key in enumerate(HEAD, 1):
        if key in ("data", "recipe") and not re.fullmatch("[0-9a-f]{8,64}", head[key]):
            raise UserError(
                f"{path}: line {number}: {head[key]!r} is not a digest; `report` prints it."
            )
    return head


def _lines(path: Path) -> list[str]:
    """Return the lines of a text, comments blanked."""
    if not os.path.lexists(path):
        raise UserError(f"{path}: no such file; start it with `report --new`.")
    check_file(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read ({error}); it holds the report's text.") from error
    return COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text).splitlines()


@dataclass(frozen=True)
class _Line:
    """Converts a line that stands at `where`."""

    where: str
    values: Mapping[str, str]
    figures: Iterable[str]

    def convert(self, line: str) -> str:
        found = FIGURE.findall(line)
        if found:
            cells = [f'("{self.figure(name)}", [{self.text(caption)}])' for caption, name in found]
            return f"#figures({', '.join(cells)},)"
        if line.startswith("? "):
            return OPEN.format(self.text(line[2:]))
        start, rest = "", line
        block = re.match(r"(#{1,3}) |(\s*)(?:-|(\d+)\.) ", line)
        if block:
            heading, indent, number = block.groups()
            start = "=" * len(heading) if heading else indent + ("+" if number else "-")
            start, rest = f"{start} ", line[block.end() :]
        return start + self.text(rest)

    def text(self, line: str) -> str:
        """Return a line as Typst, with measured values for names in braces outside of code and
        formulas; a value is data, whatever stands in it."""
        return _inline(
            line, lambda name: typst(self.values[self.known(name, self.values, "value")])
        )

    def figure(self, name: str) -> str:
        return self.known(name, self.figures, "figure")

    def known(self, name: str, among: Iterable[str], what: str) -> str:
        if name not in among:
            raise UserError(f"{self.where}: unknown {what} {name!r}; {meant(name, sorted(among))}")
        return name


def _braced(name: str) -> str:
    return typst(f"{{{name}}}")


def _inline(text: str, value: Callable[[str], str] = _braced) -> str:
    """Return one line of Markdown as Typst; code and formulas pass unchanged, also inside marks."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(value(found[2]) if found[2] else found[1])
        return KEPT

    marked = _marked(SPAN.sub(keep, text.replace(KEPT, "")))
    for span in kept:
        marked = marked.replace(KEPT, span, 1)
    return marked


def _marked(text: str) -> str:
    link = LINK.search(text)
    if link:
        before, after = text[: link.start()], text[link.end() :]
        address = link[2].replace("\\", "/").replace('"', "%22")
        return _marked(before) + f'#link("{address}")[{_marked(link[1])}]' + _marked(after)
    for mark, form in MARKS.items():
        found = mark.search(text)
        if found:
            before, after = text[: found.start()], text[found.end() :]
            return _marked(before) + form.format(_marked(found[1])) + _marked(after)
    return LEADING.sub(r"\1\\\2", SPECIAL.sub(r"\\\1", text))
