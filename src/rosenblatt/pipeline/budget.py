"""What a recipe will cost on this machine, and what of it can be done within a given time."""

import dataclasses
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.network_member import NetworkMember
from rosenblatt.challenge.recipe import Member, Recipe
from rosenblatt.features.scaling import Scaling
from rosenblatt.kernels.core.cpu import use_threads
from rosenblatt.pipeline.committee import units
from rosenblatt.pipeline.members import Fit, fits, learn
from rosenblatt.pipeline.networks import layers, plan
from rosenblatt.pipeline.rows import Rows
from rosenblatt.pipeline.suits import check_member
from rosenblatt.pipeline.warmup import warm_up
from rosenblatt.train import Network, State
from rosenblatt.train.batches import Batches
from rosenblatt.train.fit import train_step

WARM_UP, STEPS, SECONDS = 3, 40, 1.5  # steps not counted; at most so many; or so long
SAMPLE = 400  # rows to learn from, and to predict, where a member is not timed by steps
START = 4.0  # seconds until worker processes have started and loaded their kernels
MARGIN = 0.8  # of the time is planned with: cores that all work are slower than one alone
FIRST = 0.05  # of the time, for a first result
HALF = 0.5  # of the epochs: before networks learn for less, other kinds are left out
SMALL = 0.25  # of the time: what takes less is worth it even beside networks that learn for less


@dataclass(frozen=True)
class Costs:
    """Seconds on one thread of each kind of member: of an epoch, and of all that is not epochs.

    A kind is what `kind` returns.
    """

    found: dict[Member, tuple[float, float]]

    def of(self, member: Member) -> float:
        """Return the seconds of one fit."""
        epoch, rest = self.found[kind(member)]
        return rest + (epoch * member.epochs if isinstance(member, NetworkMember) else 0.0)


def kind(member: Member) -> Member:
    """Return a member without its number, weight and length: what its costs depend on."""
    if isinstance(member, NetworkMember):
        return dataclasses.replace(member, count=1, weight=1.0, epochs=member.snapshots)
    return member


def measure(challenge: Challenge, recipe: Recipe, threads: int) -> Costs:
    """Time a few steps of each network, and other members on a few rows.

    The networks' kernels are compiled first, on so many threads. Raises UserError as members.learn.
    """
    members: list[Member] = [*recipe.members, *([recipe.student] if recipe.student else [])]
    networks = [member for member in members if isinstance(member, NetworkMember)]
    for member in members:
        check_member(member, challenge.train, len(challenge.classes))
    if networks:
        C, H, W = challenge.train.shape[1:]
        warm_up(networks, (H, W, C), len(challenge.classes), threads)
    before = use_threads(1)
    try:
        return Costs({
            kind(member): _time_network(challenge, recipe, member)
            if isinstance(member, NetworkMember)
            else (0.0, _time_other(challenge, recipe, member))
            for member in members
        })  # fmt: skip
    finally:
        use_threads(before)


def _time_network(
    challenge: Challenge, recipe: Recipe, member: NetworkMember
) -> tuple[float, float]:
    """Return the seconds of an epoch on all training rows, and of predicting all test rows."""
    classes, size = len(challenge.classes), member.batch_size
    rows = slice(0, size * STEPS)
    images = Scaling.fit(challenge.train[rows], recipe.features.scale)(challenge.train[rows])
    labels = challenge.labels[rows]
    network = Network(layers(member, classes), images.shape[1:])
    settings = plan(member, 0, labels, classes)
    state = State(settings.optimiser, np.random.default_rng(0), WARM_UP + STEPS, 1)
    batches = Batches(network, (images, labels), settings)
    order = np.resize(np.arange(len(images)), size * (WARM_UP + STEPS))
    parameters, start = network.parameters(), 0.0
    for batch in batches.in_order(order, 0):
        if state.step == WARM_UP:
            start = time.perf_counter()
        train_step(network, parameters, batch, settings, state)
        if state.step > WARM_UP and time.perf_counter() - start > SECONDS:
            break
    step = (time.perf_counter() - start) / (state.step - WARM_UP)
    sample = images[:SAMPLE]
    network.predict_proba(sample)
    start = time.perf_counter()
    network.predict_proba(sample)
    predict = (time.perf_counter() - start) / len(sample) * len(challenge.test)
    copies = member.views * member.snapshots
    return step * -(-len(challenge.labels) // size), predict * copies


def _time_other(challenge: Challenge, recipe: Recipe, member: Member) -> float:
    """Return the seconds of a fit on all rows, by its growth from half of SAMPLE rows to SAMPLE."""
    order = np.random.default_rng(0).permutation(len(challenge.labels))

    def fit(count: int) -> tuple[float, float]:
        rows = _some(challenge, order[:count], count)
        start = time.perf_counter()
        learn(recipe, Fit(member, 0, ""), rows)
        return _pairs(len(rows.train), len(rows.test)), time.perf_counter() - start

    fit(SAMPLE // 2)  # compiles, or loads, its kernels
    return grown(fit(SAMPLE // 2), fit(SAMPLE), _pairs(len(order), len(challenge.test)))


def _some(challenge: Challenge, taken: np.ndarray, count: int) -> Rows:
    """Return some rows to learn from, and the first `count` to predict."""
    return Rows(
        challenge.train[taken],
        challenge.labels[taken],
        challenge.test[:count],
        len(challenge.classes),
        None if challenge.train_sets is None else challenge.train_sets[taken],
        None if challenge.test_sets is None else challenge.test_sets[:count],
    )


def _pairs(learned: int, predicted: int) -> int:
    """Return the entries of a fit's Gram matrices: learned with learned, and with predicted."""
    return learned * (learned + predicted)


def grown(few: tuple[float, float], many: tuple[float, float], pairs: float) -> float:
    """Return the seconds of a fit of so many pairs of rows, from two fits: (pairs, seconds) each.

    The seconds are a power of the pairs: of 1/2, as where a row's features cost most, at the
    least; of 1, as where a Gram matrix does, at the most.
    """
    power = math.log(many[1] / few[1]) / math.log(many[0] / few[0]) if few[0] < many[0] else 1.0
    return many[1] * (pairs / many[0]) ** min(max(power, 0.5), 1.0)


def expected(recipe: Recipe, costs: Costs, threads: int) -> float:
    """Return the seconds for all fits of a recipe, side by side on so many threads."""
    seconds = _side_by_side([fit.member for fit in fits(recipe)], costs, threads)
    again = units(dataclasses.replace(recipe, student=None)) / units(_plain(recipe))
    student = costs.of(recipe.student) / threads if recipe.student else 0.0
    return seconds * again + student + START


def _side_by_side(waiting: Sequence[Member], costs: Costs, threads: int) -> float:
    """Return the seconds until all members have learned, with threads shared as in parallel.run.

    Networks take up what others leave after each epoch; other kinds keep what they began with.
    """
    workers = min(threads, len(waiting))
    running: list[tuple[float, Member]] = []  # seconds of one thread that are left
    clock = 0.0
    while running or waiting:
        begun = workers - len(running)
        running += [(costs.of(member), member) for member in waiting[:begun]]
        waiting = waiting[begun:]
        shared = threads // len(running)
        ends = [
            left / (shared if isinstance(member, NetworkMember) else threads // workers)
            for left, member in running
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
    machines = [m for m in recipe.members if not isinstance(m, NetworkMember)]
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
        take = min(left, getattr(member, "count", 1))
        if take and isinstance(member, NetworkMember):
            members.append(dataclasses.replace(member, count=take))
        elif take:
            members.append(member)
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
        networks = [(m.count, n) for n, m in enumerate(members) if isinstance(m, NetworkMember)]
        count, most = max(networks, default=(0, 0))
        member = members[most]
        if isinstance(member, NetworkMember) and count > 1:
            members[most] = dataclasses.replace(member, count=count - 1)
        elif len(networks) > 1:
            members.pop(most)
        else:
            return


def _shorter(recipe: Recipe, share: float, whole: Recipe) -> Recipe:
    """Return the recipe with a share of the epochs that its networks have in the whole one."""
    members: list[Member] = []
    for member, full in zip(recipe.members, whole.members, strict=False):
        if isinstance(member, NetworkMember) and isinstance(full, NetworkMember):
            cycle = max(1, round(share * full.epochs / full.snapshots))
            member = dataclasses.replace(member, epochs=cycle * full.snapshots)
        members.append(member)
    return dataclasses.replace(recipe, members=tuple(members))


def _epochs(recipe: Recipe) -> list[int]:
    return [m.epochs if isinstance(m, NetworkMember) else 1 for m in recipe.members]


def _count(recipe: Recipe) -> int:
    return sum(1 for _ in fits(recipe))
