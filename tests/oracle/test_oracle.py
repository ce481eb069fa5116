"""What is accepted is true, what is not is refused with file, row and a cure that cures."""

import pytest

from tests.oracle.check import GOOD, MUTATIONS, draft, run

CASES = 320  # the long form: python -m tests.oracle --cases 12000


@pytest.mark.parametrize("part", range(8))
def test_damaged_challenges(part):
    outcomes = [run(f"suite-{case}") for case in range(part, CASES, 8)]
    assert [outcome for outcome in outcomes if outcome.kind not in GOOD] == []


def test_the_cases_are_of_nearly_every_mutation():
    made = {name for case in range(CASES) for name, _ in draft(f"suite-{case}")[1]}
    assert len(made) >= 0.9 * len(MUTATIONS)
