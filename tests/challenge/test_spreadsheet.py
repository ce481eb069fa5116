"""What a spreadsheet makes of a ledger is read as it was meant, or refused by its row."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.challenge.handin import handins
from rosenblatt.challenge.ledger import COLUMNS, Run, append, read
from rosenblatt.challenge.spreadsheet import number, utc_times
from rosenblatt.errors import UserError

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DAY_FIRST, MONTH_FIRST = "%d/%m/%Y %H:%M", "%m/%d/%y %H:%M"
# How Excel and Calc show a time in some countries; strftime is the other source.
FORMS = [DAY_FIRST, MONTH_FIRST, "%d.%m.%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%m/%d/%Y %I:%M %p",
         "%d-%m-%y, %H:%M", "%Y-%m-%d %H:%M"]  # fmt: skip
moments = st.datetimes(datetime(2025, 1, 1), datetime(2026, 11, 28, 11)).map(
    lambda time: time.replace(second=0, microsecond=0, tzinfo=UTC)
)


@settings(max_examples=200, deadline=None)
@given(st.lists(moments, min_size=1, max_size=4), st.sampled_from(FORMS))
def test_a_time_is_read_as_it_was_or_not_at_all(times, form):
    """The order of day and month is known from one day beyond the twelfth, else from none."""
    read_back = utc_times([time.strftime(form) for time in times], False, NOW)
    right = [time.strftime("%Y-%m-%dT%H:%M:%SZ") for time in times]
    for found, true in zip(read_back, right, strict=True):
        assert found in (true, "")
    if any(time.day > 12 for time in times) and "%y" not in form:
        assert read_back == right
    if form.startswith("%Y"):
        assert read_back == right


@given(moments)
def test_a_number_of_days_since_1900_is_a_time(time):
    """Microsoft: serial 1 is 1 January 1900, and 1900 is taken for a leap year (so it is 60)."""
    days = (time - datetime(1900, 3, 1, tzinfo=UTC)) / timedelta(1) + 61
    right = [time.strftime("%Y-%m-%dT%H:%M:%SZ")]
    assert utc_times([repr(days)], False, NOW) == right
    assert utc_times([repr(days).replace(".", ",")], True, NOW) == right


@pytest.mark.parametrize(
    ("cell", "time"),
    [
        ("28/11/2026 09:00", "2026-11-28T09:00:00Z"),
        ("11/28/26 9:00", "2026-11-28T09:00:00Z"),
        ("11/28/2026 9:00:05 PM", "2026-11-28T21:00:05Z"),
        ("2026-11-28T09:00:00+02:00", "2026-11-28T07:00:00Z"),
        ("11/11/2026 08:00", "2026-11-11T08:00:00Z"),
        ("46354.375", "2026-11-28T09:00:00Z"),
        ("05/11/2026 09:00", ""),  # the fifth of November, or of that month of May
        ("26/11/28 09:00", ""),  # would be in the future, or the year comes first
        ("11/12/2026 09:00", "2026-11-12T09:00:00Z"),  # the eleventh of December is yet to come
        ("31/02/2026 09:00", ""),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_one_reading_or_none(cell, time):
    found = utc_times([cell], False, NOW)
    if cell == "26/11/28 09:00":
        assert found == ["2026-11-28T09:00:00Z"]  # the only one that is not to come
    else:
        assert found == [time]


def test_numbers():
    assert number("12.25", False) == number("12,25", True) == number("12.25", True) == 12.25
    for text in ("12,25", "1,234.5", "98.71 %", "nan", "inf", "", "1_0", "\u0661"):
        assert number(text, False) is None
    assert number("1.234,5", True) is None


def rewritten(path, form, delimiter=","):
    """Save a ledger as a spreadsheet does: times its own way, decimal commas with semicolons."""
    rows = list(csv.reader(path.read_text().splitlines()))
    for row in rows[1:]:
        time = datetime.fromisoformat(row[8])
        row[8] = form(time)
        if delimiter == ";":
            row[5:7] = [cell.replace(".", ",") for cell in row[5:7]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    path.write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("form", ["days", DAY_FIRST, MONTH_FIRST])
def test_no_hand_in_of_today_is_lost(tmp_path, form, delimiter):
    path = tmp_path / "ledger.csv"
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    runs = [
        Run("=a, 'b'; \"c\"", "1f", "d0", seconds=1.5, time="2025-10-31T09:00:00Z"),
        Run("submitted a.csv", "1f", "d0", file="a0", time=now.strftime("%Y-%m-%dT%H:%M:%SZ")),
    ]
    for run in runs:
        append(path, run)
    zero = datetime(1899, 12, 30, tzinfo=UTC)

    def write(time):
        if form != "days":
            return time.strftime(form)
        return repr((time - zero) / timedelta(1)).replace(".", "," if delimiter == ";" else ".")

    rewritten(path, write, delimiter)
    assert read(path) == runs
    assert handins(read(path), "d0", now) == runs[1:]
    later = Run("submit x", "1f", "d0")
    append(path, later)
    assert read(path) == [*runs, later]
    assert path.read_bytes().startswith(",".join(COLUMNS).encode())


def test_two_readings_are_refused_by_row(tmp_path):
    path = tmp_path / "ledger.csv"
    for day in ("2025-10-05", "2025-10-06"):
        append(path, Run("submitted a.csv", time=f"{day}T09:00:00Z"))
    rewritten(path, lambda time: time.strftime(DAY_FIRST))
    with pytest.raises(
        UserError, match=re.escape("row 2, column 9: '05/10/2025 09:00' where a time")
    ):
        read(path)
