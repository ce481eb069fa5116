"""Pages of what a user types and meets: each command's help, each key of a recipe, each error."""

import ast
import dataclasses
import html
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rosenblatt.challenge.recipe import Features, Recipe
from rosenblatt.challenge.settings import Handin, Settings, Wide
from rosenblatt.data.toml import required, toml_value, types_of
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.features.tables.feature import ColumnFeature
from rosenblatt.features.terms import Term
from rosenblatt.members import Member, Taught
from rosenblatt.site.chapters import Page, anchor, coloured
from rosenblatt.site.source_pages import Module, Sources

LONG = 60  # characters of a default, beyond which it is left to the source
EXAMPLE = re.compile(r'^(?:\["?(.+?)"?\]|((\w+) = .+))$', re.MULTILINE)
REFUSALS = re.compile("expect|[A-Z].*Error")  # what is called with a message in the end


def commands(helps: dict[str, str]) -> Page:
    """Return the page of all commands, each with the help that it prints."""
    parts = [(f"python start.py {name}", coloured(text, "text")) for name, text in helps.items()]
    return _page("commands", "Commands", "What each prints with <code>--help</code>.", parts)


def tables() -> dict[str, Any]:
    """Return the tables of TOML that people write, by their heading: the class of each."""
    found: dict[str, Any] = {
        "challenge.toml": Settings, "[table] of challenge.toml": Wide,
        "[handin] of challenge.toml": Handin,
        "a recipe": Recipe, "[features]": Features, "[student]": Taught,
    }  # fmt: skip
    for table, base in (("[[members]]", Member), ("features", ColumnFeature), ("kernels", Term)):
        found |= {f'{table}: kind = "{kind}"': cls for kind, cls in base.kinds().items()}
    return found | {"[members.augmentation]": Augmentation}


def keys(guide: Path) -> Page:
    """Return the page of all keys: what fits, the default, an example, what the source says.

    guide: its keys.toml has the examples of those whose default shows none.
    """
    lines: dict[tuple[str, str], str] = {}
    table = ""
    for heading, line, key in EXAMPLE.findall((guide / "keys.toml").read_text("utf-8")):
        table = heading or table
        lines[table, key] = line
    parts = [(name, _keys(name.split(":")[0], cls, lines)) for name, cls in tables().items()]
    about = "TOML files are made of these tables; an unknown key is refused, the nearest named."
    return _page("keys", "Keys of challenges and recipes", about, parts)


def _keys(table: str, cls: Any, lines: dict[tuple[str, str], str]) -> str:
    unset = dataclasses.MISSING
    defaults = {f.name: f.default for f in dataclasses.fields(cls) if f.default is not unset}
    needed = required(cls)
    rows = []
    for key, kind in types_of(cls).items():
        shown = "needed" if key in needed else repr(defaults[key]) if key in defaults else ""
        named = re.sub(r"<class '|'>|[\w.]+\.(?=\w)", "", str(kind))
        fits = str(getattr(cls, "settings", {}).get(key, named))
        line = lines.get((table, key)) or f"{key} = {toml_value(defaults[key])}"
        cells = key, fits, shown if len(shown) <= LONG else "…", line
        rows.append("".join(f"<td>{html.escape(cell)}</td>" for cell in cells))
    head = "<th>key</th><th>what fits</th><th>default</th><th>example</th>"
    table = f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
    return f'<div class="doc">{html.escape(inspect.getdoc(cls) or "")}</div>{table}'


def errors(sources: Sources) -> Page:
    """Return the page of all that is refused, in the words that the program uses."""
    parts = []
    for name, module in sources.modules.items():
        lines = "".join(f"<li>{html.escape(text)}</li>" for text in _messages(module))
        if lines and name:
            parts.append((f"rosenblatt.{name}", f"<ul>{lines}</ul>"))
    about = "Each names the place and what helps; ‹…› stands for what was found or said there."
    return _page("errors", "Every error and its cure", about, parts)


def _messages(module: Module) -> Iterator[str]:
    for node in module.nodes:
        named = isinstance(node, ast.Call) and REFUSALS.fullmatch(getattr(node.func, "id", ""))
        if isinstance(node, ast.Call) and named and node.args:
            text = _text(node.args[-1])
            if re.search(r"\w{2,} \w", re.sub("‹.*?›", "", text)):  # more than another's words
                yield text


def _text(node: ast.expr) -> str:
    """Return a message as it is written, ‹what is put in› for its parts that are computed."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    if isinstance(node, ast.FormattedValue):
        node = node.value
    return f"‹{ast.unparse(node)}›"


def _page(name: str, title: str, about: str, parts: list[tuple[str, str]]) -> Page:
    page = Page(name, title, f"<h1>{title}</h1><p>{about}</p>")
    for head, text in parts:
        page.headings.append((anchor(head), html.escape(head)))
        page.body += f'<h2 id="{anchor(head)}">{html.escape(head)}</h2>{text}'
    return page
