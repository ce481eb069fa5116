"""What a recipe will cost on this machine, and what of it can be done within a given time."""

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rosenblatt.arrays import take
from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.kernels.core.cpu import use_threads
from rosenblatt.members import Cost, Member, Rows
from rosenblatt.metrics import find_metric
from rosenblatt.metrics.decisions import needs_cuts
from rosenblatt.pipeline.ensemble import cuts_apart, units
from rosenblatt.pipeline.jobs import check_suits, jobs, parts, prepare, standardised
from rosenblatt.pipeline.splits import whole_split

START = 4.0  # seconds until worker processes have started and loaded their kernels
MARGIN = 0.8  # of the time is planned with: cores that all work are slower than one alone
FIRST = 0.05  # of the time, for a first result
HALF = 0.5  # of the epochs: before networks learn for less, other kinds are left out
SMALL = 0.25  # of the time: what takes less is worth it even beside networks that learn for less


@dataclass(frozen=True)
class Costs:
    """What a fit of each member costs, found by what is alike in them; the rows that are learned
    from, and whether a threshold wants a cross-validation before."""

    found: dict[Member, Cost]
    rows: int
    cuts: bool = False

    def of(self, member: Member) -> float:
        """Return the seconds of one fit, on one thread."""
        cost = self.found[member.alike()]
        return cost.rest + cost.unit * member.units


def measure(challenge: Challenge, recipe: Recipe, threads: int) -> Costs:
    """Time a little of each member, on one thread.

    What they need is compiled first, on so many threads. Raises UserError as check_suits.
    """
    check_suits(recipe, challenge)
    members = [*recipe.members, *([recipe.student] if recipe.student else [])]
    prepare(challenge, members, threads)
    split = whole_split(challenge, recipe)
    before = use_threads(1)
    try:
        found = {
            member.alike(): sum(
                (
                    member.measure(
                        Rows(
                            take(challenge.train, rows),
                            standardised(split.target[rows], take(challenge.train, rows))[0],
                            recipe.features.scale,
                        ),
                        take(challenge.test, asked),
                    )
                    for rows, asked in parts(challenge, split)
                ),
                Cost(),
            )
            for member in members
        }
        cuts = needs_cuts(find_metric(challenge.metric), challenge.target.columns)
        return Costs(found, len(challenge.target), cuts)
    finally:
        use_threads(before)


def expected(recipe: Recipe, costs: Costs, threads: int) -> float:
    """Return the seconds for all fits of a recipe, side by side on so many threads."""
    seconds = _side_by_side([job.member for job in jobs(recipe)], costs, threads)
    members = dataclasses.replace(recipe, student=None)
    apart = costs.cuts and cuts_apart(recipe)
    trainings = units(members, costs.rows) + apart * units(members, costs.rows, recipe.folds)
    student = costs.of(recipe.student) / threads if recipe.student else 0.0
    student *= 1 + apart * recipe.folds
    return seconds * trainings / units(_plain(recipe), costs.rows) + student + START


def _side_by_side(waiting: Sequence[Member], costs: Costs, threads: int) -> float:
    """Return the seconds until all members have learned, with threads shared as in parallel.run.

    Networks take up what others leave after each epoch; other kinds keep what they began with.
    """
    workers = min(threads, len(waiting))
    running: list[tuple[float, Member]] = []  # seconds of one thread that are left
    clock = 0.0
    while running or waiting:
        free = workers - len(running)
        running += [(costs.of(member), member) for member in waiting[:free]]
        waiting = waiting[free:]
        shared = threads // len(running)
        ends = [
            left / (shared if member.by_epochs else threads // workers) for left, member in running
        ]
        first = min(ends)
        clock += first
        running = [
            (left * (1 - first / end), member)
            for (left, member), end in zip(running, ends, strict=True)
            if end > first
        ]
    return clock


def choose(recipe: Recipe, costs: Costs, seconds: float, threads: int) -> Recipe:
    """Return what of a recipe can be done in so many seconds; the first result's are taken off.

    Given up are, in this order: what is learned from the members' votes; members of which there
    are others of their kind; up to half of the networks' epochs; other kinds than networks, the
    costliest first; more epochs.
    """
    left = seconds * (MARGIN - FIRST)
    if expected(recipe, costs, threads) <= left:
        return recipe
    for poorer, share in _poorer(_plain(recipe), costs, left):
        found = _fitting(poorer, share, costs, left, threads)
        if found is not None:
            return found
    return first_result(recipe, costs, seconds)


def _poorer(recipe: Recipe, costs: Costs, left: float) -> Iterator[tuple[Recipe, float]]:
    """Yield recipes of ever fewer kinds, each with the least share of its epochs still wanted."""
    machines = [m for m in recipe.members if not m.by_epochs]
    machines.sort(key=costs.of, reverse=True)
    for count in range(len(machines) + 1):
        poorer = _without(recipe, machines[:count])
        if poorer.members:
            yield poorer, HALF
    yield _without(recipe, [m for m in machines if costs.of(m) > SMALL * left]), 0.0


def _without(recipe: Recipe, members: Sequence[Member]) -> Recipe:
    kept = tuple(member for member in recipe.members if member not in members)
    return dataclasses.replace(recipe, members=kept)


def _fitting(
    recipe: Recipe, share: float, costs: Costs, left: float, threads: int
) -> Recipe | None:
    """Return a recipe with as many members, then epochs, as can be done in time, if any.

    One member for each thread is kept before epochs are, of which `share` is the least.
    """
    least = recipe
    for fewer in _fewer(recipe, threads):
        if expected(fewer, costs, threads) <= left:
            return fewer
        least = fewer
    epochs = max(_epochs(least), default=0)
    for number in range(epochs - 1, max(1, math.ceil(share * epochs)) - 1, -1):
        least = _shorter(least, number / epochs, recipe)
        if expected(least, costs, threads) <= left:
            return least
    return None


def first_result(recipe: Recipe, costs: Costs, seconds: float) -> Recipe:
    """Return the cheapest member, with epochs for a small part of the time: to have a result."""
    singles = [_single(recipe, member, costs, seconds * FIRST) for member in recipe.members]
    return min(singles, key=lambda single: costs.of(single.members[0]))


def _single(recipe: Recipe, member: Member, costs: Costs, seconds: float) -> Recipe:
    """Return one member alone, with as many epochs as can be done in time; with one, if none."""
    one = _keep(dataclasses.replace(recipe, members=(member,)), 1)
    epochs = max(_epochs(one))
    for number in range(epochs, 1, -1):
        short = _shorter(one, number / epochs, one)
        if costs.of(short.members[0]) <= seconds:
            return short
    return _shorter(one, 1 / epochs, one)


def stages(recipe: Recipe, threads: int) -> list[Recipe]:
    """Return recipes that grow to the whole one by as many members as run side by side."""
    counts = range(threads, _count(recipe), threads)
    return [*(_keep(recipe, count) for count in counts), recipe]


def _keep(recipe: Recipe, count: int) -> Recipe:
    """Return a recipe's first fits, put together by their mean."""
    left = count
    members: list[Member] = []
    for member in recipe.members:
        take = min(left, member.count)
        if take:
            members.append(dataclasses.replace(member, count=take))
        left -= take
    return dataclasses.replace(_plain(recipe), members=tuple(members))


def _plain(recipe: Recipe) -> Recipe:
    """Return the recipe with each member trained once, and nothing learned from their votes."""
    combine = recipe.combine if recipe.combine in ("mean", "vote") else "mean"
    return dataclasses.replace(recipe, combine=combine, pseudo_labels=0.0, student=None)


def _fewer(recipe: Recipe, least: int) -> Iterator[Recipe]:
    """Yield the recipe, then with ever fewer networks, while there are `least` members or more."""
    members = list(recipe.members)
    while members:
        fewer = dataclasses.replace(recipe, members=tuple(members))
        if _count(fewer) < min(least, _count(recipe)):
            return
        yield fewer
        networks = [(m.count, n) for n, m in enumerate(members) if m.by_epochs]
        count, most = max(networks, default=(0, 0))
        member = members[most]
        if count > 1:
            members[most] = dataclasses.replace(member, count=count - 1)
        elif len(networks) > 1:
            members.pop(most)
        else:
            return


def _shorter(recipe: Recipe, share: float, whole: Recipe) -> Recipe:
    """Return the recipe with a share of the epochs that its networks have in the whole one."""
    members = [
        dataclasses.replace(full.shorter(share), count=member.count) if member.by_epochs else member
        for member, full in zip(recipe.members, whole.members, strict=False)
    ]
    return dataclasses.replace(recipe, members=tuple(members))


def _epochs(recipe: Recipe) -> list[int]:
    return [m.units if m.by_epochs else 1 for m in recipe.members]


def _count(recipe: Recipe) -> int:
    return sum(member.count for member in recipe.members)
