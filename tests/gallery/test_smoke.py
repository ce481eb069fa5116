"""Each system of the gallery runs, as `--quick` runs it: its figures are numbers, one is drawn."""

import json
import math

import pytest
from matplotlib.image import imread

from rosenblatt.gallery import SYSTEMS
from rosenblatt.gallery.runner import Settings, run


def numbers(value):
    """Yield the numbers of a line of figures, however deep."""
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from numbers(part)
    elif isinstance(value, int | float):
        yield value


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_runs(name, tmp_path):
    run(Settings(name, tmp_path, quick=True, say=lambda line: None))
    line = json.loads((tmp_path / f"{name}.json").read_text("utf-8"))
    found = list(numbers(line))
    assert line["system"] == name
    assert len(found) > 5
    assert all(map(math.isfinite, found))
    picture = imread(tmp_path / f"{name}.png")[..., :3]
    assert picture.std() > 0.01
