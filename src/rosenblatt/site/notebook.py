"""A chapter as a notebook: its text, and each block of Python a cell."""

import json
import re
from typing import Any

from rosenblatt.site.chapters import BLOCK, FORMULA

BLOCKS = re.compile(r"^```python\n(.*?)^```\n?", re.DOTALL | re.MULTILINE)


def of(text: str) -> str:
    """Return the notebook (nbformat 4.5) of a text in Markdown, without outputs.

    References to source and figures become words, since a notebook has no site around it.
    """
    parts = BLOCKS.split(BLOCK.sub(r"*(see \2 in the guide)*", text))
    cells: list[dict[str, Any]] = []
    for number, part in enumerate(parts):
        code = number % 2 == 1
        content = part.strip("\n") if code else FORMULA.sub(r"`\1\2`", part.strip("\n"))
        if content:
            cell = {"cell_type": "code" if code else "markdown", "id": f"cell-{number}"}
            more: dict[str, Any] = {"execution_count": None, "outputs": []} if code else {}
            lines = content.splitlines(keepends=True)
            cells.append(cell | {"metadata": {}, "source": lines} | more)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, indent=1) + "\n"
