"""What the commands that cross-validate share: --folds and --split, and the folds that they say."""

import argparse
import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from rosenblatt.cli.output import Output
from rosenblatt.cli.workers import positive
from rosenblatt.errors import UserError

if TYPE_CHECKING:
    import numpy as np

    from rosenblatt.challenge import Challenge
    from rosenblatt.challenge.recipe import Recipe


class Folds(NamedTuple):
    """A challenge with folds as the options say, the fold of each training row in each repetition,
    [R, N], and how many of them are scored: the first ones, in time the last rows alone."""

    challenge: "Challenge"
    fold: "np.ndarray"
    first: int

    @property
    def judged(self) -> "Challenge":
        """Return the challenge of the rows that are scored."""
        scored = self.fold[0] < self.first
        train, target = self.challenge.train[scored], self.challenge.target[scored]
        return dataclasses.replace(self.challenge, train=train, target=target)


def add_folds(parser: argparse.ArgumentParser) -> None:
    """Give a command --folds and --split."""
    parser.add_argument("--folds", type=positive, default=5, help="(default: 5)")
    parser.add_argument(
        "--split",
        type=split,
        metavar="HOW",
        help="how rows are split into folds: stratified, blocks of neighbours, group [COLUMN] to "
        "keep rows of one together, time [COLUMN] to hold out the last, or a CSV file of Id and "
        "fold (default: as challenge.toml says, else stratified)",
    )


def split(text: str) -> str:
    """Return how rows are split, if that is one of the ways."""
    from rosenblatt.data.folds import SPLIT

    if not SPLIT.holds(text):
        raise argparse.ArgumentTypeError(f"{text!r}: it must be {SPLIT}.")
    return text


def make_folds(
    output: Output,
    arguments: argparse.Namespace,
    challenge: "Challenge",
    recipes: Sequence["Recipe"],
    repeats: int = 1,
) -> Folds:
    """Return the folds that the options ask for, drawn by the first recipe's seed.

    A file of folds tells their number, arguments.folds. Prints which of those that are scored have
    a class that the others lack, and where random folds flatter. Raises UserError where one of the
    recipes would have nothing to tell apart.
    """
    import numpy as np

    from rosenblatt import pipeline
    from rosenblatt.challenge.dependence import flattering

    target, rng = challenge.target, np.random.default_rng(recipes[0].seed)
    how = arguments.split or challenge.folds or "stratified"
    if arguments.folds < 2 or arguments.folds > len(target):
        raise UserError(f"--folds {arguments.folds}: give from 2 to {len(target)}, the rows")
    if repeats > 1 and not how.startswith(pipeline.DRAWN):
        raise UserError(f"--repeats: {how} can be split in one way only; leave it out.")
    first = _first(arguments, how, repeats)
    drawn = [pipeline.split_rows(challenge, how, arguments.folds, rng) for _ in range(repeats)]
    fold = np.array([one for one, _ in drawn])
    arguments.split, arguments.folds = drawn[0][1], int(fold.max()) + 1
    first = min(first, arguments.folds)
    if how == "stratified":
        for sentence in flattering(challenge):
            output.say(f"odd      {sentence}")
    challenge = dataclasses.replace(challenge, folds=arguments.split)
    splits = [one for once in fold for one in pipeline.fold_splits(challenge, once, first)]
    for recipe in recipes:
        pipeline.check_splits(challenge, recipe, splits)
    for sentence in dict.fromkeys(pipeline.lacking(challenge, splits)):
        output.say(f"odd      {sentence}")
    return Folds(challenge, fold, first)


def _first(arguments: argparse.Namespace, how: str, repeats: int) -> int:
    """Return how many folds to score, --first of them where the command has it: in time, one."""
    in_time, given = how.startswith("time"), getattr(arguments, "first", None)
    first = given or (1 if in_time else arguments.folds)
    if first > arguments.folds:
        raise UserError(f"--first {first}: there are {arguments.folds} folds; give at most that.")
    if in_time and first > 1:
        raise UserError(f"--first {first}: {how} holds the last rows out alone; leave it out.")
    if first < arguments.folds and repeats > 1:
        raise UserError("--first: --repeats needs all folds; leave one of them out.")
    return first
