"""Budgets: what is chosen for a given time, by costs made up, and that stages grow to the whole."""

import dataclasses

import pytest

from rosenblatt.challenge.recipe import Recipe
from rosenblatt.members import Cost
from rosenblatt.members.base import grown
from rosenblatt.members.kernel_perceptron import KernelPerceptronMember
from rosenblatt.members.network import NetworkMember, Student
from rosenblatt.pipeline.budget import (
    FIRST,
    MARGIN,
    START,
    Costs,
    choose,
    expected,
    first_result,
    stages,
)

NETWORK = NetworkMember(count=4, epochs=20)
PERCEPTRON = KernelPerceptronMember()
RECIPE = Recipe("r", members=(NETWORK, PERCEPTRON))


def costs(epoch=1.0, rest=2.0, other=5.0):
    return Costs({NETWORK.alike(): Cost(epoch, rest), PERCEPTRON: Cost(0.0, other)}, 100)


COSTS = costs()  # a network takes 22 s, the perceptron 5 s


def amounts(recipe):
    return [(getattr(m, "count", 1), m.epochs) for m in recipe.members if m.kind == "network"]


@pytest.mark.parametrize(
    ("threads", "seconds"),
    [(1, 4 * 22 + 5), (2, 2 * 22 + 5), (4, 22 + 5), (5, 22), (10, 11)],
)
def test_fits_side_by_side_take_as_long_as_the_busiest_worker(threads, seconds):
    assert expected(RECIPE, COSTS, threads) == pytest.approx(seconds + START)


def test_networks_take_up_the_threads_that_others_leave():
    two = Recipe("r", members=(dataclasses.replace(NETWORK, count=2), PERCEPTRON))
    # 5 s beside the perceptron on a thread each, and 17 of the 22 s on two threads each
    assert expected(two, COSTS, 4) == pytest.approx(5 + 17 / 2 + START)
    slow = costs(other=50.0)  # the perceptron goes on alone, on the thread that it began with
    assert expected(two, slow, 4) == pytest.approx(50 + START)


def test_learned_weights_and_pseudo_labels_cost_their_trainings():
    plain = expected(RECIPE, COSTS, 1) - START
    learned = dataclasses.replace(RECIPE, combine="weights", folds=4)
    assert expected(learned, COSTS, 1) - START == pytest.approx(5 * plain)
    guessed = dataclasses.replace(RECIPE, pseudo_labels=0.9)
    assert expected(guessed, COSTS, 1) - START == pytest.approx(2 * plain)


def test_the_more_time_the_more_is_chosen():
    def chosen(seconds, threads):
        found = choose(RECIPE, COSTS, seconds, threads)
        assert expected(found, COSTS, threads) <= seconds * (MARGIN - FIRST)
        return found

    assert chosen(1000, 1) == RECIPE
    some = chosen(95, 1)  # fewer networks, but still both kinds and all epochs
    assert amounts(some) == [(2, 20)]
    assert len(some.members) == 2
    assert amounts(chosen(20, 1)) == [(1, 9)]
    assert amounts(chosen(45, 4)) == [(4, 20)]
    assert amounts(chosen(30, 4)) == [(3, 16)]  # one for each worker, all of them shorter


@pytest.mark.parametrize("threads", [1, 2])
def test_a_kind_that_takes_too_long_alone_leaves_its_time_to_the_others(threads):
    alone = dataclasses.replace(RECIPE, members=(NETWORK,))
    with_it = choose(RECIPE, costs(other=500.0), 60, threads)
    assert with_it == choose(alone, COSTS, 60, threads)
    assert amounts(with_it)[0][0] >= threads
    assert amounts(with_it)[0][1] > 10


@pytest.mark.parametrize(
    ("seconds", "rows"), [(lambda n: 3 * n**2, 5000), (lambda n: 2 * n, 5000),
                          (lambda n: 0.01 * n**1.3, 42000)],
)  # fmt: skip
def test_a_fit_on_all_rows_is_foretold_from_two_on_few(seconds, rows):
    few, many = ((2 * n * n, seconds(n)) for n in (200, 400))
    assert grown(few, many, 2 * rows * rows) == pytest.approx(seconds(rows))


def test_growth_is_not_told_from_noise():
    """Fits that lasted hardly longer, or much longer, grow as the rows do, or as their pairs."""
    assert grown((100, 1.0), (400, 0.9), 40_000) == pytest.approx(0.9 * 10)
    assert grown((100, 1.0), (400, 9.0), 40_000) == pytest.approx(9.0 * 100)
    assert grown((400, 1.0), (400, 2.0), 800) == pytest.approx(4.0)


def test_with_hardly_any_time_there_is_still_a_result():
    found = choose(RECIPE, COSTS, 1.0, 1)
    assert amounts(found) == [(1, 1)]
    assert found == first_result(RECIPE, COSTS, 1.0)


def test_stages_grow_to_the_whole():
    learned = dataclasses.replace(RECIPE, combine="weights")
    grown = stages(learned, 2)
    assert grown[-1] == learned
    assert [amounts(stage) for stage in grown] == [[(2, 20)], [(4, 20)], [(4, 20)]]
    assert [stage.combine for stage in grown] == ["mean", "mean", "weights"]


def test_what_costs_little_is_kept_to_the_end():
    """The perceptron comes last, takes no time to speak of, and stays beside shorter networks."""
    found = choose(RECIPE, costs(other=0.1), 20.0, 1)
    assert amounts(found) == [(1, 8)]
    assert PERCEPTRON in found.members


@pytest.mark.parametrize("order", [1, -1])
def test_the_first_result_is_the_cheapest_member(order):
    recipe = dataclasses.replace(RECIPE, members=RECIPE.members[::order])
    assert first_result(recipe, costs(other=240.0), 100.0).members[0].kind == "network"
    assert first_result(recipe, costs(other=0.1), 100.0).members == (PERCEPTRON,)
    assert [m.kind for m in choose(recipe, costs(other=240.0), 100.0, 1).members] == ["network"]


def test_what_is_learned_from_votes_is_given_up_before_epochs():
    student = Student(epochs=200)
    recipe = dataclasses.replace(RECIPE, student=student, combine="weights")
    dear = Costs(COSTS.found | {student.alike(): Cost(1.0, 1.0)}, 100)
    assert choose(recipe, dear, 1100.0, 1) == recipe
    assert expected(recipe, dear, 1) == pytest.approx(6 * (4 * 22 + 5) + 201 + START)
    poorer = choose(recipe, dear, 140.0, 1)
    assert (poorer.student, poorer.combine) == (None, "mean")
    assert amounts(poorer) == [(4, 20)]


def test_cycles_of_snapshots_are_kept_whole():
    recipe = Recipe("s", members=(NetworkMember(epochs=20, snapshots=4),))
    found = choose(recipe, Costs({recipe.members[0].alike(): Cost(1.0, 0.0)}, 100), 16.0, 1)
    assert amounts(found) == [(1, 8)]
