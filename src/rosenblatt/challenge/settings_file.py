"""The start of a challenge.toml: what was read, as lines to be altered."""

import json
import os
from pathlib import Path

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.settings import settings_file
from rosenblatt.data.schema import LEFT
from rosenblatt.errors import UserError
from rosenblatt.files import write_atomic

HEAD = "# What the files do not say. A line behind # says what was read without it."


def write_settings(folder: Path, challenge: Challenge) -> Path:
    """Write a folder's challenge.toml, which changes nothing until it is altered; return where.

    Raises UserError where there is one already, or the place cannot be written.
    """
    path = settings_file(folder)
    if os.path.lexists(path):
        raise UserError(f"{path}: is there already; remove it first, or edit it.")
    lines = [
        HEAD,
        f"metric = {_text(challenge.metric)}",
        f"# quota = {challenge.quota}  # submissions a day",
        f"# public_share = {challenge.public_share}  # of the test rows",
        f"# target = {_text(challenge.label_column)}",
        f"# id = {_text(challenge.id_column)}",
    ]
    if challenge.columns:
        lines += ["", "[columns]"]
    for column in challenge.columns:
        kind = "identifier" if column.kind in LEFT else column.kind
        missing = [text for text in column.missing if text]
        rule = f"{{type = {_text(kind)}, missing = {json.dumps(missing, ensure_ascii=False)}}}"
        what = rule if missing else _text(kind)
        lines.append(f"# {_text(column.name)} = {what}  # {' '.join(column.why.split())}")
    write_atomic(path, ("\n".join(lines) + "\n").encode())
    return path


def _text(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
