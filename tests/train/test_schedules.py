import math

import pytest

from rosenblatt.train import Constant, Cosine, OneCycle, Step, WarmUp


def test_constant_and_step():
    assert Constant(0.3)(0.0) == Constant(0.3)(0.99) == 0.3
    step = Step(1.0, (0.5, 0.75), 0.1)
    assert [step(p) for p in (0, 0.49, 0.5, 0.75, 0.99)] == pytest.approx([1, 1, 0.1, 0.01, 0.01])


@pytest.mark.parametrize("progress", [0.0, 0.1, 0.5, 0.9])
def test_cosine_follows_the_formula(progress):
    expected = 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress))
    assert Cosine(1.0, 0.01)(progress) == pytest.approx(expected, rel=1e-14)


def test_one_cycle_rises_to_its_rate_and_falls_below_its_start():
    cycle = OneCycle(1.0, rising=0.25, start_divisor=25, final_divisor=1000)
    assert cycle(0.0) == pytest.approx(1 / 25)
    assert cycle(0.125) == pytest.approx((1 + 1 / 25) / 2)
    assert cycle(0.25) == 1.0
    assert cycle(1.0) == pytest.approx(1 / 1000)
    rates = [cycle(i / 100) for i in range(100)]
    assert rates[:26] == sorted(rates[:26])
    assert rates[25:] == sorted(rates[25:], reverse=True)


def test_warm_up_is_a_straight_line_to_the_other_schedule():
    schedule = WarmUp(Cosine(1.0), 0.2)
    assert [schedule(p) for p in (0.0, 0.05, 0.1, 0.2)] == pytest.approx([0, 0.25, 0.5, 1.0])
    assert schedule(0.6) == pytest.approx(0.5)
