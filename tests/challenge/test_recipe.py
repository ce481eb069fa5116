"""Recipes: every key known, every value of its type, every mistake named."""

import dataclasses

import pytest

from rosenblatt.challenge.recipe import (
    SHIPPED,
    Final,
    default_recipe,
    quick,
    read_final,
    read_recipe,
    recipe_path,
)
from rosenblatt.errors import UserError
from rosenblatt.members.kernel_perceptron import KernelPerceptronMember
from rosenblatt.members.network import NetworkMember

GOOD = """
name = "two kinds"
seed = 7
[features]
scale = "standardise"
[[members]]
count = 2
blocks = [[8], [16, 16]]
rate = 1
[members.augmentation]
shift = 1.5
[[members]]
kind = "kernel_perceptron"
[final]
challenge = "data/digits"
data = "aa"
submission = "bb"
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "recipe.toml"
        path.write_text(text)
        return path

    return write


def test_a_recipe_is_read_whole(write):
    recipe = read_recipe(write(GOOD))
    network, perceptron = recipe.members
    assert (recipe.seed, recipe.features.scale) == (7, "standardise")
    assert isinstance(network, NetworkMember)
    assert network.blocks == ((8,), (16, 16))
    assert network.rate == 1.0
    assert network.augmentation.shift == 1.5
    assert isinstance(perceptron, KernelPerceptronMember)
    assert read_final(write(GOOD)) == Final("data/digits", "aa", "bb")


def test_the_digest_follows_the_values_not_the_file(write):
    digest = read_recipe(write(GOOD)).digest
    assert (
        read_recipe(write("# words\n" + GOOD.replace("rate = 1\n", "rate = 1.0\n"))).digest
        == digest
    )
    assert read_recipe(write(GOOD.replace("seed = 7", "seed = 8"))).digest != digest


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("seed", "sede", ["'sede'", "did you mean seed"]),
        ("shift", "shfit", ["'shfit'", "did you mean shift"]),
        ("shift = 1.5", "shift = -1.0", ["augmentation", "-1.0"]),
        ("seed = 7", "seed = 'x'", ["seed = 'x'", "a whole number"]),
        ("count = 2", "count = true", ["count = True"]),
        ('"standardise"', '"whiten"', ["'whiten'", "standardise"]),
        ('"kernel_perceptron"', '"svm"', ["'svm'", "kernel_perceptron"]),
        ("[[8], [16, 16]]", "[8]", ["blocks"]),
        ("[[8], [16, 16]]", "[]\narchitecture = 'residual'", ["blocks", "residual"]),
        ("count = 2", "snapshots = 4", ["epochs = 30", "snapshots"]),
        ("count = 2", "averaging_decay = 1.0", ["averaging_decay = 1.0"]),
        ("count = 2", "label_smoothing = 1.5", ["label_smoothing = 1.5", "below 1"]),
        ("count = 2", "dropout = 1.0", ["dropout = 1.0", "below 1"]),
        ("count = 2", "momentum = 1.5", ["momentum = 1.5", "below 1"]),
        ("rate = 1\n", "rate = -1\n", ["rate = -1", "from 1e-09"]),
        ("count = 2", "kernel_size = 0", ["kernel_size = 0", "one of 1, 3"]),
        ("count = 2", "weight = -1", ["weight = -1", "from 1e-06"]),
        ("[[8], [16, 16]]", "[[8], [0]]", ["blocks", "from 1 to 4,096"]),
        ("[members.augmentation]\nshift = 1.5", "views = 3", ["views = 3", "augmentation"]),
        ('"kernel_perceptron"', '"kernel_perceptron"\nepochs = 0', ["epochs = 0"]),
        ("[final]", "[student]\nlabel_smoothing = 0.1\n[final]", ["student", "label_smoothing"]),
        ("seed = 7", "seed = ", ["is not TOML"]),
    ],
)
def test_a_mistake_is_named(write, before, after, words):
    path = write(GOOD.replace(before, after))
    with pytest.raises(UserError) as caught:
        read_recipe(path)
    for word in [str(path), *words]:
        assert word in str(caught.value)


def test_a_recipe_needs_members_and_a_final_one_its_table(write):
    path = write("seed = 1")
    with pytest.raises(UserError, match="members"):
        read_recipe(path)
    with pytest.raises(UserError, match="final"):
        read_final(path)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_recipes_are_whole(path):
    recipe = read_recipe(path)
    assert recipe.name
    assert all(member.units >= 1 for member in quick(recipe, 1000).members)


def test_shipped_recipes_are_found_by_name_where_no_file_has_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert recipe_path("digits") == SHIPPED / "digits.toml"
    (tmp_path / "digits").write_text("")
    assert recipe_path("digits").resolve() == tmp_path.resolve() / "digits"
    with pytest.raises(UserError, match=r"mine.toml: no such file, .* many_digits"):
        recipe_path("mine.toml")


def test_each_kind_of_image_has_a_recipe():
    shapes = [(1000, 1, 8, 8), (5000, 1, 28, 28), (42000, 1, 28, 28), (5000, 3, 32, 32)]
    assert len({default_recipe("image", shape) for shape in shapes}) == 4
    few, many = (default_recipe("table", (rows, 9)).stem for rows in (499, 500))
    assert (few, many) == ("typed", "table_blend")
    assert default_recipe("table", (500, 9), text="alone").stem == "text"
    assert default_recipe("table", (499, 9), values=True).stem == "typed_values"
    assert default_recipe("table", (499, 9), text="beside").stem == "typed"
    assert default_recipe("dated", (500, 9), text="beside").stem == "typed_blend"
    assert default_recipe("table", (500, 9), True, "beside").stem == "typed_values_blend"
    assert default_recipe("times", (499, 9), values=True).stem == "times"
    assert default_recipe("dated", (500, 9)).stem == "dated"
    assert default_recipe("dated", (499, 9)).stem == "typed"
    assert all(default_recipe("image", shape).exists() for shape in shapes)
    with pytest.raises(UserError, match="--recipe"):
        default_recipe("sound", (9, 1))


def test_quick_keeps_all_but_length(write):
    recipe = read_recipe(write(GOOD))
    network = quick(recipe, 10).members[0]
    assert network == dataclasses.replace(recipe.members[0], count=1, epochs=3)
    cycles = quick(read_recipe(write(GOOD.replace("count = 2", "snapshots = 5"))), 10).members[0]
    assert (cycles.epochs, cycles.snapshots) == (5, 5)  # one epoch for each, at the least


MACHINE = """
[[members]]
kind = "kernel_machine"
costs = [1.0]
[[members.kernels]]
kind = "mismatch"
letters = 5
"""


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('"mismatch"', '"mismach"', ["'mismach'", "mismatch, numbers"]),
        ('kind = "mismatch"\n', "", ["has no kind"]),
        ("letters = 5", "letters = 1", ["fewer than letters = 1"]),
        ("letters = 5", "solid = 5", ["'solid'"]),
        ("letters = 5", "weight = -1", ["weight = -1.0"]),
        ("[1.0]", "[]", ["1 to 100 values"]),
        ("[1.0]", "[1.0, 0.0]", ["1 to 100 values"]),
        (MACHINE[MACHINE.index("[[members.k") :], "", ["has no [[members.kernels]]"]),
        ('"kernel_machine"\ncosts = [1.0]', '"virtual_svm"', ["kernels of images"]),
    ],
)
def test_what_is_no_kernel_machine_is_named(write, before, after, words):
    assert read_recipe(write(MACHINE)).members[0].kernels[0].letters == 5
    assert before in MACHINE
    with pytest.raises(UserError) as error:
        read_recipe(write(MACHINE.replace(before, after)))
    assert all(word in str(error.value) for word in words), error.value
