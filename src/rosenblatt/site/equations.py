"""Equations for the browser: Typst's mathematics as MathML, all of a page in one compilation."""

import re
from collections.abc import Sequence

import typst

from rosenblatt.errors import UserError

MATH = re.compile(r"<math.*?</math>", re.DOTALL)


def mathml(formulas: Sequence[tuple[str, bool]]) -> list[str]:
    """Return MathML for each (Typst mathematics, whether it is displayed).

    Raises UserError with Typst's own words where one cannot be set.
    """
    if not formulas:
        return []
    source = "\n\n".join(f"$ {text} $" if shown else f"${text}$" for text, shown in formulas)
    try:
        page = typst.compile(source.encode(), format="html").decode()
    except typst.TypstError as error:
        raise UserError(f"a formula cannot be set: {error}.") from error
    found = MATH.findall(page)
    if len(found) != len(formulas):
        raise UserError(
            f"{len(formulas)} formulas became {len(found)}: look for a stray dollar sign."
        )
    return found
