"""`submit --budget`: a submission within a given time, the best so far on disk at any moment."""

import argparse
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rosenblatt.cli import run
from rosenblatt.cli.output import Output
from rosenblatt.errors import UserError

if TYPE_CHECKING:
    from rosenblatt.challenge import Challenge
    from rosenblatt.challenge.recipe import Recipe
    from rosenblatt.members.base import Member
    from rosenblatt.pipeline.budget import Costs
    from rosenblatt.pipeline.ensemble import Answers


def submit_within(
    output: Output,
    arguments: argparse.Namespace,
    challenge: "Challenge",
    recipe: "Recipe",
    out: Path,
) -> dict[str, Any]:
    """Time the members, choose what can be done, and train it in stages; return the figures.

    The first result is finished in any case; then each stage writes a submission of more members,
    and where it is kept their model.
    One that would end too late is not started, and one that does end too late is stopped. Raises
    UserError where even the cheapest member takes longer.
    """
    from rosenblatt.pipeline import budget
    from rosenblatt.train.fit_results import Results
    from rosenblatt.train.workers import Workers

    if arguments.cluster or arguments.part != (0, 1):
        raise UserError("--budget: times this computer; leave out --cluster and --part.")
    start, threads = time.perf_counter(), arguments.threads
    costs = budget.measure(challenge, recipe, threads)
    left = arguments.budget - (time.perf_counter() - start)
    chosen, first = _choose(output, recipe, costs, arguments.budget, left, threads)

    with tempfile.TemporaryDirectory() as folder:
        results = Results(Path(arguments.results or folder))
        alone, where = Workers(1, results), Workers(threads, results)  # it was timed on one thread
        keep = bool(arguments.kept)

        def written(stage: "Recipe", answers: "Answers") -> dict[str, Any]:
            figures = run.write(output, arguments, challenge, stage, out, answers.rows, start)
            return figures | run.keep(output, arguments, challenge, stage, answers)

        found = written(first, run.predict(output, challenge, first, alone, keep))
        done, slower = 0.0, 1.0
        for stage in budget.stages(chosen, threads) if chosen != first else ():
            whole = budget.expected(stage, costs, threads)
            more = max(whole - done, budget.START)
            begin = time.perf_counter()
            try:
                if begin - start + more * slower > arguments.budget:
                    raise _TimeUpError
                with _at_most(arguments.budget - (begin - start)):
                    answers = run.predict(output, challenge, stage, where, keep)
            except _TimeUpError:
                output.say(f"the time is up: {out} has what was finished")
                break
            found = written(stage, answers)
            slower, done = (time.perf_counter() - begin) / more, whole
    return found | {"budget": arguments.budget}


def _choose(
    output: Output, recipe: "Recipe", costs: "Costs", seconds: float, left: float, threads: int
) -> "tuple[Recipe, Recipe]":
    """Return what of a recipe is trained in the seconds left of all, and first; say it."""
    from rosenblatt.pipeline import budget

    chosen = budget.choose(recipe, costs, left, threads)
    first = budget.first_result(recipe, costs, left)
    least = costs.of(first.members[0])
    if least > seconds:
        raise UserError(
            f"--budget: the least that this recipe can train, one {first.members[0].kind}, takes "
            f"about {least:.0f} s here; give it as much time, or another recipe."
        )
    output.say(
        f"budget {seconds:.0f} s, of which timing the members took {seconds - left:.0f}; about "
        f"{budget.expected(chosen, costs, threads):.0f} s for:"
    )
    kept = {member.alike(): member for member in chosen.members}
    for member in recipe.members:
        has = kept.get(member.alike())
        text = "none: there is not enough time" if has is None else _amount(has)
        whole = f" of {_amount(member)}" if has not in (None, member) else ""
        output.say(f"  {member.kind}: {text}{whole}")
    for name in ("combine", "pseudo_labels", "student"):
        if getattr(chosen, name) != getattr(recipe, name):
            output.say(
                f"  {name}: {getattr(chosen, name) or 'none'}: there is not enough time for more"
            )
    return chosen, first


class _TimeUpError(BaseException):
    """Comes like Ctrl-C, wherever the program is: what is finished is on disk."""


def _ring(number: int, frame: object) -> None:
    raise _TimeUpError


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise _TimeUpError after so many seconds, where the system has alarms: not on Windows."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _amount(member: "Member") -> str:
    return f"{member.count} x {member.units} epochs" if member.by_epochs else f"{member.count}"
