"""Names from files in what a report is made of: always data, never Typst, script or formula."""

import json
import re
from typing import Any

from rosenblatt.escape import visible

LONG = 60  # characters of a name that are shown


def short(text: str, most: int = LONG) -> str:
    """Return a name, cut where it is too long."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def shown(text: str, most: int = LONG) -> str:
    """Return a name on one line, its unseen characters visible, cut where it is too long."""
    return short(visible(text[: most + 1]), most)


def typst(text: str) -> str:
    """Return Typst markup that sets a text as it is: a string, whose end nothing can join."""
    quoted = visible(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'#"{quoted}";'


def drawn(text: str, most: int = LONG) -> str:
    """Return a name for Matplotlib, which takes what is between two dollar signs for a formula."""
    return shown(text, most).replace("$", r"\$")


def markdown(text: str) -> str:
    """Return a name for a cell of a Markdown table, where neither marks nor HTML count."""
    return re.sub(r"([\\`*|<>\[\]&])", r"\\\1", shown(text, LONG))


def script(value: Any) -> str:
    """Return JSON that stands in an HTML script and cannot end it, nor begin a comment there."""
    text = json.dumps(value, allow_nan=False)  # ASCII alone: a lone surrogate has no UTF-8
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
