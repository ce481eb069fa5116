"""Wide tables of times in plain Python: rows are quantities, columns hours, samples windows."""

from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.export.twins.files import number, read_rows
from rosenblatt.export.twins.parts import Part, twin
from rosenblatt.export.twins.tables import MISSING, Column


@twin("hours.read")
def read_hours(part: Part, model: Part, path: Path) -> tuple[dict, Any]:
    """Return windows as columns by name, last known values and changes to these, and their Ids."""
    hours, rows = model.expected.hours, read_rows(path)
    wide, first = hours.wide, rows[0]
    if wide.rows in first:
        place, rows = first.index(wide.rows), rows[1:]
    else:
        place = [wide.target in cells for cells in zip(*rows, strict=True)].index(True)
    windows: dict[tuple, dict] = {}
    for row in rows:
        values = [hour(cell, [*wide.missing, *MISSING]) for cell in row[place + 1 :]]
        windows.setdefault(tuple(row[:place]), {})[row[place]] = values
    if {(*sorted(one), *map(len, one.values())) for one in windows.values()} != {
        (*sorted(hours.names), *[wide.window] * len(hours.names))
    }:
        raise SystemExit(f"{path}: not all windows have {wide.window} hours of all quantities")
    found = described_hours(np.array([[one[name] for name in hours.names]
                                      for one in windows.values()]))  # fmt: skip
    start = found[:, hours.names.index(wide.target) * wide.window]
    start[np.isnan(start)] = hours.middle
    names = [column.name for column in model.expected.columns]
    table = {name: Column(values) for name, values in zip(names, found.T, strict=True)}
    return table, [key[0] for key in windows] if place else None


def hour(cell: str, missing: list[str]) -> float:
    value = float("nan") if cell in missing else number(cell)
    if value is None:
        raise SystemExit(f"{cell!r} is no number of an hour")
    return value


def described_hours(hours: np.ndarray) -> np.ndarray:
    """Return windows [n, quantities, hours] as rows of last known values and changes to these."""
    known = np.where(np.isnan(hours), -1, np.arange(hours.shape[2])).max(2, keepdims=True)
    last = np.take_along_axis(hours, np.maximum(known, 0), 2)
    return np.concatenate([last, last - hours[..., :-1]], 2).reshape(len(hours), -1)
