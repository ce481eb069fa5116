"""Options of times: a unit is asked for, and nothing is guessed."""

import argparse

import pytest

from rosenblatt.cli.workers import duration


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10m", 600), ("1.5h", 5400)])
def test_times(text, seconds):
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["10", "0.5", "1."])
def test_a_number_alone_is_asked_for_its_unit(text):
    with pytest.raises(argparse.ArgumentTypeError, match=f"what\\? write {text}s for seconds"):
        duration(text)


@pytest.mark.parametrize("text", ["", "m", "-1s", "0s", "1d", "1ms", "infh", "nans", "1 0"])
def test_what_is_no_time(text):
    with pytest.raises(argparse.ArgumentTypeError, match="not a time"):
        duration(text)
