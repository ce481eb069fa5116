"""TOML files, as people write and break them."""

import tomllib
from pathlib import Path
from typing import Any

from rosenblatt.data.text import check_file
from rosenblatt.errors import UserError


def read_toml(path: Path) -> dict[str, Any]:
    """Return the table in a TOML file. Raises UserError: no such file, not UTF-8, no TOML."""
    check_file(path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise UserError(f"{path}: is not TOML: {error}; mend or remove it.") from error
    except RecursionError as error:
        raise UserError(f"{path}: is not TOML: it is nested too deeply; mend it.") from error
