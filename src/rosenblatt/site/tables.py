"""Pages of what a user types and meets: each command's help, each key of a recipe, each error."""

import ast
import dataclasses
import html
import inspect
import re
from collections.abc import Iterator
from typing import Any

from rosenblatt.challenge.recipe import Features, Recipe
from rosenblatt.challenge.settings import Settings, Wide
from rosenblatt.data.toml import required, types_of
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.features.tables.feature import ColumnFeature
from rosenblatt.features.terms import Term
from rosenblatt.members import Member, Taught
from rosenblatt.site.chapters import Page, anchor, coloured
from rosenblatt.site.source_pages import Module, Sources

LONG = 60  # characters of a default, beyond which it is left to the source


def commands(helps: dict[str, str]) -> Page:
    """Return the page of all commands, each with the help that it prints."""
    parts = [(f"python start.py {name}", coloured(text, "text")) for name, text in helps.items()]
    return _page(
        "commands", "Commands", "What each command prints with <code>--help</code>.", parts
    )


def keys() -> Page:
    """Return the page of all keys: what fits, the default, and what the source says."""
    tables: dict[str, Any] = {
        "challenge.toml": Settings, "[table] of challenge.toml": Wide,
        "a recipe": Recipe, "[features]": Features, "[student]": Taught,
    }  # fmt: skip
    for table, base in (("[[members]]", Member), ("features", ColumnFeature), ("kernels", Term)):
        tables |= {f'{table}: kind = "{kind}"': cls for kind, cls in base.kinds().items()}
    tables["[members.augmentation]"] = Augmentation
    parts = [(name, _keys(cls)) for name, cls in tables.items()]
    about = "TOML files are made of these tables; an unknown key is refused, the nearest named."
    return _page("keys", "Keys of challenges and recipes", about, parts)


def _keys(cls: Any) -> str:
    defaults = {field.name: field.default for field in dataclasses.fields(cls)}
    needed = required(cls)
    rows = []
    for key, kind in types_of(cls).items():
        default = defaults.get(key, dataclasses.MISSING)
        shown = "" if default is dataclasses.MISSING else repr(default)
        named = (
            kind.__name__ if isinstance(kind, type) else re.sub(r"[\w.]+\.(\w+)", r"\1", str(kind))
        )
        fits = str(getattr(cls, "settings", {}).get(key, named))
        cells = key, fits, "needed" if key in needed else shown if len(shown) <= LONG else "…"
        rows.append("".join(f"<td>{html.escape(cell)}</td>" for cell in cells))
    head = "<th>key</th><th>what fits</th><th>default</th>"
    table = f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
    return f'<div class="doc">{html.escape(inspect.getdoc(cls) or "")}</div>{table}'


def errors(sources: Sources) -> Page:
    """Return the page of all that is refused, in the words that the program uses."""
    parts = []
    for name, module in sources.modules.items():
        lines = "".join(f"<li>{html.escape(text)}</li>" for text in _messages(module))
        if lines:
            parts.append((f"rosenblatt.{name}", f"<ul>{lines}</ul>"))
    about = "Each names the place and what helps; ‹…› stands for what was found there."
    return _page("errors", "Every error and its cure", about, parts)


def _messages(module: Module) -> Iterator[str]:
    for node in module.nodes:
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "UserError" and node.args:
            text = _text(node.args[0])
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
