"""The student's Markdown, turned into Typst: headings, lists, emphasis, links, code, formulas.

Formulas between dollar signs are Typst's own and pass unchanged. {name} stands for a measured
value, and ![caption](name) for a figure; several on one line stand side by side.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rosenblatt.data.text import check_file
from rosenblatt.errors import UserError

COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
VALUE = re.compile(r"\{([\w.]+)\}")
FIGURE = re.compile(r"!\[([^\]]*)\]\(([\w-]+)\)")
SPAN = re.compile(r"(`[^`]*`|\$[^$]*\$)")
KEPT = "\ue000"  # of the private area of Unicode: stands for code or a formula meanwhile
MARKS = {
    re.compile(r"\*\*(.+?)\*\*"): "#strong[{}]",
    re.compile(r"(?<![\w*])\*([^*\s][^*]*)\*"): "#emph[{}]",
}
LINK = re.compile(r"\[([^\]]+)\]\((https?://[^\s)]+)\)")
SPECIAL = re.compile(r"([\\#$@<>~_*\[\]/])")


@dataclass(frozen=True)
class Text:
    """A report's text: its title, the team's names, and the body in Typst."""

    title: str
    team: tuple[str, ...]
    body: str


def read_text(path: Path, values: Mapping[str, str], figures: Iterable[str]) -> Text:
    """Return a report's text with values and figures put in.

    The file begins with the lines `title:` and `team:` (one or two names, a comma between).
    Raises UserError naming the line: no title, too many names, an unknown value or figure.
    """
    if path.exists():
        check_file(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read ({error}); it holds the report's text.") from error
    lines = COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text).splitlines()
    head = {}
    for line in lines[:2]:
        key, _, value = line.partition(":")
        head[key] = value.strip()
    if set(head) != {"title", "team"} or not all(head.values()):
        raise UserError(f"{path}: begin it with two lines, `title: ...` and `team: NAME, NAME`.")
    names = [name.strip() for name in head["team"].split(",") if name.strip()]
    if len(names) > 2:
        raise UserError(f"{path}: line 2: has {len(names)} names; a team has one or two.")
    places = [
        _Line(f"{path}: line {number}", values, figures) for number in range(1, len(lines) + 1)
    ]
    title = _inline(places[0].with_values(head["title"]))
    body = [place.convert(line) for place, line in zip(places[2:], lines[2:], strict=True)]
    return Text(title, tuple(map(_inline, names)), "\n".join(body))


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
        start, rest = "", line
        block = re.match(r"(#{1,3}) |(\s*)(?:-|(\d+)\.) ", line)
        if block:
            heading, indent, number = block.groups()
            start = "=" * len(heading) if heading else indent + ("+" if number else "-")
            start, rest = f"{start} ", line[block.end() :]
        return start + self.text(rest)

    def text(self, line: str) -> str:
        return _inline(self.with_values(line))

    def with_values(self, text: str) -> str:
        """Return a text with measured values for names in braces, outside code and formulas."""
        parts = SPAN.split(text)
        for place in range(0, len(parts), 2):
            parts[place] = VALUE.sub(
                lambda name: self.values[self.known(name[1], self.values, "value")], parts[place]
            )
        return "".join(parts)

    def figure(self, name: str) -> str:
        return self.known(name, self.figures, "figure")

    def known(self, name: str, among: Iterable[str], what: str) -> str:
        if name not in among:
            near = difflib.get_close_matches(name, among, n=1) or [", ".join(sorted(among))]
            raise UserError(f"{self.where}: unknown {what} {name!r}; did you mean {near[0]}?")
        return name


def _inline(text: str) -> str:
    """Return one line of Markdown as Typst; code and formulas pass unchanged, also inside marks."""
    kept = SPAN.findall(text)
    marked = _marked(SPAN.sub(KEPT, text))
    for span in kept:
        marked = marked.replace(KEPT, span, 1)
    return marked


def _marked(text: str) -> str:
    link = LINK.search(text)
    if link:
        before, after = text[: link.start()], text[link.end() :]
        return _marked(before) + f'#link("{link[2]}")[{_marked(link[1])}]' + _marked(after)
    for mark, form in MARKS.items():
        found = mark.search(text)
        if found:
            before, after = text[: found.start()], text[found.end() :]
            return _marked(before) + form.format(_marked(found[1])) + _marked(after)
    return SPECIAL.sub(r"\\\1", text)
