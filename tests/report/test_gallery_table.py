"""The gallery's table says what the systems' lines of figures say, and the README what it says."""

import json
from pathlib import Path

import pytest

from rosenblatt.errors import UserError
from rosenblatt.gallery import SYSTEMS
from rosenblatt.report import gallery_table

ROOT = Path(__file__).parents[2]
COMMON = {"quick": False, "data": None, "seconds": 9.0, "cpu_seconds": 90.0, "cpu": "znver3"}


def keep(folder, name, **figures):
    line = COMMON | {"system": name} | figures
    (folder / f"{name}.json").write_text(json.dumps(line), "utf-8")


def test_a_row_has_the_figures_and_the_time_of_all_threads(tmp_path):
    keep(tmp_path, "tagging", data="tagged_train.tsv.gz", accuracy=0.95, test_words=25147)
    kind = {"greedy": {"bleu": 31.0}, "beam": {"bleu": 33.25}, "training": {"cpu_seconds": 600.0}}
    keep(tmp_path, "translation", **dict.fromkeys(("reversed", "not reversed", "attention"), kind))
    rows = gallery_table.table(tmp_path).splitlines()[2:]
    assert rows[0] == (
        "| `tagging` | tagged_train.tsv.gz | accuracy 0.9500 on 25,147 words of the development "
        "set | 1.5 min, znver3 |"
    )
    # Networks that an earlier run trained count with their time.
    assert "attention 33.2 (31.0) | 30.0 min" in rows[1]
    assert "| its own |" in rows[1]


def test_what_was_quick_or_has_no_words_is_left_out(tmp_path):
    keep(tmp_path, "captions", quick=True)
    keep(tmp_path, "unfolding")
    assert len(gallery_table.table(tmp_path).splitlines()) == 2
    assert {name.rsplit("/", 1)[-1] for name in gallery_table.FIGURES} <= {*SYSTEMS}


@pytest.mark.parametrize("text", ["{", "[]", '{"quick": false}'])
def test_a_damaged_line_is_named(tmp_path, text):
    (tmp_path / "rating.json").write_text(text)
    with pytest.raises(UserError, match=r"rating\.json: is not a line of figures"):
        gallery_table.table(tmp_path)


def test_the_readme_is_up_to_date():
    begin, end = gallery_table.MARKS
    text = f"{begin}\n{gallery_table.table(ROOT / 'report' / 'gallery')}\n{end}"
    assert text in (ROOT / "README.md").read_text(encoding="utf-8")
