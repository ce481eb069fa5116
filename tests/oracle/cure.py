"""Does a cure cure? What a refusal says to write in challenge.toml is written, and read again."""

import re
from pathlib import Path

from tests.oracle.formats import Draft


def cured(said: str, made: Draft, folder: Path) -> bool:
    """Write what a refusal asks for, as one who knows the files would; return whether it did."""
    file = folder / "challenge.toml"
    old = file.read_text("utf-8") if file.exists() else ""
    new = [line for line in _lines(said, made) if line.partition(" =")[0] not in old]
    table = [f'"{name}" = "identifier"' for name in re.findall(r'(\S+) = "identifier"', said)]
    if not new and not table:
        return False
    top, mark, rest = old.partition("[columns]\n")
    rest = "".join(f"{line}\n" for line in table) + rest
    top += "".join(f"{line}\n" for line in new)
    file.write_text(top + ("[columns]\n" + rest if mark or table else ""), "utf-8")
    return True


def _lines(said: str, made: Draft) -> list[str]:
    lines = []
    headed = {sheet.header is not None for sheet in made.like("train", "test")}
    if "header = " in said and len(headed) == 1:
        lines.append(f"header = {str(headed.pop()).lower()}")
    for key, role in (("target", "label"), ("id", "id")):
        place = made.like("train")[0].column(role)
        names = made.like("train")[0].header
        if f"{key} = " in said and place is not None:
            name = names[place] if names else str(place + 1)
            lines.append(f'{key} = "{name.strip()}"')
    if re.search(r"\bclasses = |`classes`|list.* in classes", said):
        found = {
            row[sheet.column("label") or 0].strip()
            for sheet in made.like("train", "labels")
            if sheet.column("label") is not None
            for row in sheet.rows
        }
        lines.append(f"classes = [{', '.join(repr(name) for name in sorted(found))}]")
    return lines
