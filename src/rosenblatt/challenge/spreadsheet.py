"""A ledger's numbers and times as a spreadsheet may have rewritten them: one reading, or none.

Microsoft Excel and LibreOffice Calc write a time by the country's custom, or as the number of days
since 30 December 1899, and in many countries cells between semicolons, with decimal commas.
"""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rosenblatt.data.rows import Row
from rosenblatt.data.text import bad_quotes, check_file, not_utf8
from rosenblatt.errors import UserError

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
ISO = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)? ?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
WRITTEN = re.compile(  # 28/11/2026 09:00, 11/28/26 9:00:05 AM, 28.11.2026
    r"(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})(?:,? (\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([AaPp])[Mm])?)?",
    re.ASCII,
)
ORDERS = {"day first": (2, 1, 0), "month first": (2, 0, 1), "year first": (0, 1, 2)}
DAY_ZERO = datetime(1899, 12, 30, tzinfo=UTC)
FORM = "%Y-%m-%dT%H:%M:%SZ"


def delimited_rows(path: Path) -> tuple[list[Row], bool]:
    """Return the rows of a CSV between commas, semicolons or tabs, and whether commas are decimal.

    The header tells which; rows of empty cells are left out, and empty cells beyond the header.
    Raises UserError: no file, empty, not UTF-8, an open quote.
    """
    check_file(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise not_utf8(path) from None
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise bad_quotes(path, reader.line_num, error) from error
    if not rows:
        raise UserError(f"{path}: holds blank lines only; move it away and a new one is started.")
    width = len([cell for cell in rows[0][1] if cell.strip()])
    return [(line, _cut(cells, width)) for line, cells in rows], delimiter != ","


def _cut(cells: list[str], width: int) -> list[str]:
    return cells if any(map(str.strip, cells[width:])) else cells[:width]


def number(text: str, decimal_comma: bool) -> float | None:
    """Return the number written in a cell, or None where it is none, or may be two."""
    text = text.strip()
    if decimal_comma and "." not in text:
        text = text.replace(",", ".")
    return float(text) if NUMBER.fullmatch(text) else None


def utc_times(cells: list[str], decimal_comma: bool, now: datetime) -> list[str]:
    """Return times as 2026-11-28T09:00:00Z, each in its only reading, "" where there is not one.

    A spreadsheet writes all times in one order of day, month and year: where one order alone fits
    all that it wrote, it is meant. A time in the future is not a reading; one that names no offset
    is UTC, as all times of a ledger.
    """
    readings = [_readings(cell.strip(), decimal_comma, now) for cell in cells]
    written = [found for found in readings if len(found) != 1 or "" not in found]
    fitting = [order for order in ORDERS if all(order in found for found in written)]
    return [_only(found, fitting) for found in readings]


def _only(found: dict[str, datetime], fitting: list[str]) -> str:
    if len(fitting) == 1 and fitting[0] in found:
        return found[fitting[0]].strftime(FORM)
    times = set(found.values())
    return times.pop().strftime(FORM) if len(times) == 1 else ""


def _readings(cell: str, decimal_comma: bool, now: datetime) -> dict[str, datetime]:
    """Return what a cell may mean, by the order of day, month, year; by "" where that is plain."""
    if ISO.fullmatch(cell):
        try:
            time = datetime.fromisoformat(cell.replace(" ", "T", 1).replace(" ", ""))
            return {"": time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)}
        except (ValueError, OverflowError):
            return {}
    days = number(cell, decimal_comma)
    if days is not None:
        time = DAY_ZERO + timedelta(seconds=round(86400 * min(max(days, 0), 10**6)))
        return {"": time} if DAY_ZERO + timedelta(36524) < time < now + timedelta(1) else {}
    found = WRITTEN.fullmatch(cell)
    dates = {order: _written(found, ORDERS[order]) for order in ORDERS} if found else {}
    latest = now + timedelta(1)  # a clock may have been wrong by a time zone
    return {order: time for order, time in dates.items() if time and time < latest}


def _written(found: re.Match[str], order: tuple[int, int, int]) -> datetime | None:
    """Return the time that a match of WRITTEN means with year, month and day in these places."""
    parts = found[1], found[3], found[4]
    year, month, day = (parts[place] for place in order)
    if len(year) not in (2, 4) or len(month) > 2 or len(day) > 2:
        return None
    hour, minute, second = (int(part or 0) for part in found.group(5, 6, 7))
    half = (found[8] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half == "p")
    century = 2000 if len(year) == 2 else 0
    try:
        return datetime(century + int(year), int(month), int(day), hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
