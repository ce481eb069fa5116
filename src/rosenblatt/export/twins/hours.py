"""Wide tables of times in plain Python: rows are quantities, columns hours, samples windows."""

from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.export.twins.files import number, read_rows
from rosenblatt.export.twins.parts import Part, UnfitError, twin
from rosenblatt.export.twins.tables import LARGEST, MISSING, Column


@twin("hours.read")
def read_hours(part: Part, model: Part, path: Path) -> tuple[dict, Any]:
    """Return windows as columns by name, last known values and changes to these, and their Ids."""
    hours, (rows, _) = model.expected.hours, read_rows(path)
    wide, first = hours.wide, rows[0]
    if wide.rows in first:
        place, rows = first.index(wide.rows), rows[1:]
    else:
        held = [place for row in rows for place, cell in enumerate(row) if cell == wide.target]
        place = min(held, default=0)
    windows: dict[tuple, dict] = {}
    for row in rows:
        values = [hour(cell, [*wide.missing, *MISSING], path) for cell in row[place + 1 :]]
        window = windows.setdefault(tuple(row[:place]), {})
        if row[place] in window:
            raise UnfitError(f"{path}: {' '.join(row[: place + 1])} is there twice")
        window[row[place]] = values
    if {(*sorted(one), *map(len, one.values())) for one in windows.values()} != {
        (*sorted(hours.names), *[wide.window] * len(hours.names))
    }:
        raise UnfitError(f"{path}: not all windows have {wide.window} hours of all quantities")
    found = described_hours(np.array([[one[name] for name in hours.names]
                                      for one in windows.values()]))  # fmt: skip
    start = found[:, hours.names.index(wide.target) * wide.window]
    start[np.isnan(start)] = hours.middle
    names = [column.name for column in model.expected.columns]
    table = {name: Column(values) for name, values in zip(names, found.T, strict=True)}
    return table, [key[0] for key in windows] if place else None


def hour(cell: str, missing: list[str], path: Path) -> float:
    value = float("nan") if cell in missing else number(cell)
    if value is None or abs(value) > LARGEST:
        raise UnfitError(f"{path}: {cell!r} is no number of an hour")
    return value


def described_hours(hours: np.ndarray) -> np.ndarray:
    """Return windows [n, quantities, hours] as rows of last known values and changes to these."""
    known = np.where(np.isnan(hours), -1, np.arange(hours.shape[2])).max(2, keepdims=True)
    last = np.take_along_axis(hours, np.maximum(known, 0), 2)
    return np.concatenate([last, last - hours[..., :-1]], 2).reshape(len(hours), -1)
