"""Every key of a recipe with values out of its range, and every option: one message, exit code 2.

Through the command line's own parser, on a challenge of six images: nothing is trained.
"""

import dataclasses
import json
import math
import typing
from typing import Any

import pytest

from rosenblatt.challenge.recipe import Features, Recipe
from rosenblatt.cli import main
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.features.terms import Term
from rosenblatt.members import Member
from rosenblatt.members.network import Student
from tests.challenge.folders import small_course
from tests.door.values import outside

NETWORK = '[[members]]\nkind = "network"\n'
MACHINE = '[[members]]\nkind = "kernel_machine"\n'
TABLES: dict[str, tuple[Any, str]] = {  # the class of a table, and the recipe that leads up to it
    "recipe": (Recipe, ""),
    "features": (Features, "[features]\n"),
    "augmentation": (Augmentation, NETWORK + "[members.augmentation]\n"),
    "student": (Student, NETWORK + "[student]\n"),
}
TABLES |= {
    name: (table, f'[[members]]\nkind = "{name}"\n') for name, table in Member.kinds().items()
}
TABLES |= {
    name: (table, MACHINE + f'[[members.kernels]]\nkind = "{name}"\n')
    for name, table in Term.kinds().items()
}
NESTED = {"features", "members", "student", "augmentation", "kernels"}
KEYS = [
    (name, field.name)
    for name, (table, _) in TABLES.items()
    for field in dataclasses.fields(table)
    if field.name not in NESTED and not (field.name == "kind" and name in Term.kinds())
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small_course(tmp_path_factory.mktemp("door") / "challenge")


@pytest.fixture
def refused(folder, tmp_path, capsys):
    """Return what a command says, after checking that it refuses in one line, with exit code 2."""

    def run(*arguments: str) -> str:
        place = ["--project", str(tmp_path)] if arguments[0] != "recipes" else []
        try:
            code = main([arguments[0], str(folder), *arguments[1:], *place])
        except SystemExit as stop:  # of the parser itself
            code = stop.code
        captured = capsys.readouterr()
        assert code == 2, captured
        assert "Traceback" not in captured.err
        said = [line for line in captured.err.splitlines() if "error: " in line]
        assert len(said) == 1, captured.err
        return said[0]

    return run


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_a_value_out_of_range_is_named(refused, tmp_path, table, key):
    kind, head = TABLES[table]
    file = tmp_path / "recipe.toml"
    for value in _out_of_range(kind, key):
        line = f"{key} = {toml(value)}\n"
        tail = NETWORK if table == "recipe" else ""
        before, after = head.rsplit("kind", 1)[0], head.rsplit("kind", 1)[-1]
        text = f"{before}{line}" if key == "kind" and after != head else f"{head}{line}{tail}"
        file.write_text(text, encoding="utf-8")
        assert key in refused("evaluate", "--recipe", str(file)), (key, value)


def _out_of_range(table: Any, key: str) -> list[Any]:
    """Return a few values that TOML can write, one of each type."""
    wrong = [value for value in outside(table.settings[key]) if toml(value) is not None]
    kinds = {(type(value), repr(value)[:1]): value for value in reversed(wrong)}
    return list(kinds.values())


def toml(value: Any) -> str | None:
    """Return a value as TOML writes it, None where it cannot."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(value).replace("+", "") if math.isfinite(value) else repr(value)
    if isinstance(value, list | tuple):
        items = [toml(item) for item in value]
        return None if None in items else f"[{', '.join(map(str, items))}]"
    if isinstance(value, dict):
        return "{}"
    return json.dumps(value) if isinstance(value, int | str) else None


def test_every_key_has_its_range():
    assert len(KEYS) > 70
    for table, key in KEYS:
        kind, _ = TABLES[table]
        assert key in kind.settings, f"{table}: {key} has no range"
        hint = typing.get_type_hints(kind)[key]
        default = next(f.default for f in dataclasses.fields(kind) if f.name == key)
        assert kind.settings[key].holds(default), (table, key, hint)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--set epochs=3", "did you mean network.epochs"),
        ("--set trust=0.5", "unknown key 'trust'"),
        ("--set epoch=3", "did you mean network.epochs"),
        ("--set shift=1", "unknown key 'shift'; did you mean network.augmentation.shift"),
        ("--set kind=[]", "unknown key 'kind'"),
        ("--set network.kind=[]", "kind = []"),
        ("--set network.kind={}", "kind = {}"),
        ("--set members=3", "members = 3"),
        ("--set features=[]", "features = []"),
        ("--set seed=" + "9" * 5000, "seed = "),
        ("--set network.blocks=" + "[" * 3000, "blocks = "),
        ("--set network.blocks=[[8],[8],[8],[8],[8]]", "take 3 blocks at most"),
        ("--set network.architecture=dense --set network.blocks=[[8],[8],[8],[8],[8]]", "4 blocks"),
        ("--set network.dense=65536 --set network.blocks=[[4096,4096,4096]]", "weights"),
        ("--recipe images_kernel", "2 x 2 cells of 8 pixels do not fit in 8 x 8"),
        ("--recipe digits_kernel", "2 x 2 cells of 14 pixels do not fit in 8 x 8"),
        ("--recipe dna", "does not suit these samples"),
        ("--against images_kernel", "do not fit in 8 x 8"),
        ("--against dna", "does not suit these samples"),
        ("--seed -5", "seed = -5"),
        ("--seed 18446744073709551616", "seed = 18446744073709551616"),
        ("--seed 1.5", "invalid int value"),
        ("--folds 1", "--folds 1"),
        ("--folds 7", "--folds 7"),
        ("--folds 0", "0 is not a whole number"),
        ("--threads 0", "0 is not a whole number"),
        ("--threads 1000000", "is not a whole number"),
        ("--threads two", "two is not a whole number"),
        ("--repeats 1000000000", "is not a whole number"),
        ("--first -1", "is not a whole number"),
        ("--tried 0", "is not a whole number"),
        ("--part 3/2 --results fits", "is not a part"),
    ],
)
def test_an_option_out_of_range_is_named(refused, options, words):
    assert words in refused("evaluate", "--recipe", "small_digits", *options.split(" "))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("submit --budget 0s", "is not a time"),
        ("submit --budget nan", "is not a time"),
        ("submit --budget -5m", "expected one argument"),
        ("submit --recipe images_kernel --budget 1m", "do not fit in 8 x 8"),
        ("curve --rows 0,3", "0 is not a whole number"),
        ("curve --rows 3 --held 0", "0 is not a whole number"),
        ("curve --rows 3 --held 9", "training rows in all"),
        ("search --ranges ranges.toml --trials 0", "0 is not a whole number"),
    ],
)
def test_other_commands_refuse_as_well(refused, command, words):
    assert words in refused(*command.split(" "))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('"network.epochs" = { low = 0, high = 9 }', "epochs = 0"),
        ('"network.dropout" = [0.5, 1.5]', "dropout = 1.5"),
        ('"network.blocks" = [[[8]], [[8], [8], [8], [8], [8]]]', "blocks"),
        ('"network.epochs" = { low = nan, high = 9 }', "low < high"),
        ('"epochs" = [3, 4]', "did you mean network.epochs"),
    ],
)
def test_both_ends_of_a_range_are_tried_before_the_search(refused, tmp_path, line, words):
    ranges = tmp_path / "ranges.toml"
    ranges.write_text(line, encoding="utf-8")
    options = ("--recipe", "small_digits", "--folds", "2", "--ranges", str(ranges))
    assert words in refused("search", *options)
