"""A recipe written as TOML reads back as itself, whatever is in it."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.challenge.recipe import SHIPPED, Final, Recipe, read_final, read_recipe
from rosenblatt.challenge.recipe_file import find_recipe, keep_recipe, to_toml
from rosenblatt.errors import UserError
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.members.kernel_perceptron import KernelPerceptronMember
from rosenblatt.members.network import NetworkMember

numbers = st.floats(min_value=1e-9, max_value=100)
networks = st.builds(
    NetworkMember,
    blocks=st.lists(st.lists(st.integers(1, 99)).map(tuple), max_size=16).map(tuple),
    rate=numbers,
    batch_normalisation=st.booleans(),
    augmentation=st.none() | st.just(Augmentation(shift=0.5)),
)
recipes = st.builds(
    Recipe,
    name=st.text(st.characters(exclude_categories=["Cs"])),
    seed=st.integers(0, 2**53 - 1),
    members=st.lists(networks | st.builds(KernelPerceptronMember, gamma=numbers), min_size=1).map(
        tuple
    ),
)


@settings(max_examples=25, deadline=None)
@given(recipe=recipes)
def test_what_is_written_is_read(recipe, tmp_path_factory):
    path = tmp_path_factory.mktemp("recipe") / "r.toml"
    path.write_text(to_toml(recipe), encoding="utf-8")
    assert read_recipe(path) == recipe
    final = Final("data/digits", "ab", 'quote " and \\')
    path.write_text(to_toml(recipe, final), encoding="utf-8")
    assert (read_recipe(path), read_final(path)) == (recipe, final)


def test_kept_under_its_digest(tmp_path):
    recipe = read_recipe(SHIPPED / "small_digits.toml")
    path = keep_recipe(tmp_path, recipe)
    assert keep_recipe(tmp_path, recipe) == path
    assert find_recipe(tmp_path, recipe.digest) == recipe
    path.write_text(to_toml(dataclasses.replace(recipe, seed=recipe.seed + 1)))
    with pytest.raises(UserError, match="altered"):
        find_recipe(tmp_path, recipe.digest)
    path.unlink()
    with pytest.raises(UserError, match="no such file"):
        find_recipe(tmp_path, recipe.digest)
