r"""Names from files as harmless text: no control characters, no formulas in a spreadsheet.

A character that moves the cursor, turns the direction of reading or has no encoding is written as
\u{HEX}, in lower-case hexadecimal, so that what stands in a file is what is seen, on one line.
"""

import re
import unicodedata

UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}  # controls, formats, no character, separators
JOINERS = "\u200c\u200d"  # of the formats: letters of many scripts need them
ESCAPED = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
FORMULA = re.compile(r"[\s']*[=+\-@\uff1d\uff0b\uff0d\uff20]")  # also the full-width signs


def visible(text: str) -> str:
    r"""Return a text with each unseen character as \u{HEX}; `restored` gives the text back."""
    text = text.replace("\\u{", "\\u{5c}u{")
    return "".join(f"\\u{{{ord(char):x}}}" if _unseen(char) else char for char in text)


def _unseen(char: str) -> bool:
    return unicodedata.category(char) in UNSEEN and char not in JOINERS


def restored(text: str) -> str:
    """Return the text that `visible` was given."""
    return ESCAPED.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if code <= 0x10FFFF else found[0]


def cell(text: str) -> str:
    """Return a text as a spreadsheet's cell: visible, and quoted where it would run as a formula.

    The quote is the apostrophe by which spreadsheets themselves mark a text.
    """
    text = visible(text)
    return f"'{text}" if FORMULA.match(text) else text


def from_cell(text: str) -> str:
    """Return the text that `cell` was given."""
    quoted = text.startswith("'") and FORMULA.match(text[1:])
    return restored(text[1:] if quoted else text)
