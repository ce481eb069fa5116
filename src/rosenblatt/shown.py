"""How things show themselves: as the call that makes them, and in a notebook as a small table."""

import html
import inspect
from collections.abc import Iterable, Sequence
from typing import Any

LONGEST = 80  # characters of a cell
WIDTH, HEIGHT = 240, 60  # pixels of a curve


def call(thing: Any) -> str:
    """Return the call that makes a thing: its constructor's arguments that are not the defaults."""
    given = []
    for name, parameter in inspect.signature(type(thing)).parameters.items():
        value = getattr(thing, name, parameter.default)
        if repr(value) != repr(parameter.default):
            given.append(f"{name}={value!r}")
    return f"{type(thing).__name__}({', '.join(given)})"


def as_html(title: str, rows: Iterable[Sequence[object]], curve: Sequence[float] = ()) -> str:
    """Return a table as HTML, all of it escaped, and a curve below it where numbers are given."""
    lines = [
        "<tr>" + "".join(f'<td style="text-align:left">{_cell(one)}</td>' for one in row) + "</tr>"
        for row in rows
    ]
    return f"<b>{_cell(title)}</b><table>{''.join(lines)}</table>{as_curve(curve)}"


def as_curve(values: Sequence[float]) -> str:
    """Return numbers as a line in SVG, the smallest at the foot; "" for fewer than two."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    spread = (high - low) or 1.0
    points = " ".join(
        f"{place * WIDTH / (len(values) - 1):.1f},{HEIGHT * (1 - (value - low) / spread):.1f}"
        for place, value in enumerate(values)
    )
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT + 4}" viewBox="-2 -2 {WIDTH + 4} {HEIGHT + 4}">'
        f'<polyline points="{points}" fill="none" stroke="#0072B2"/></svg>'
        f"<div>{values[0]:.4g} to {values[-1]:.4g}</div>"
    )


def _cell(value: object) -> str:
    text = str(value)
    return html.escape(text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…")
