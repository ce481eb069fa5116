"""`search DIR`: better settings for a recipe, each trial cross-validated and in the ledger."""

import argparse
import csv
import dataclasses
import io
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rosenblatt.cli import evaluate, run
from rosenblatt.cli.folds import add_folds, make_folds
from rosenblatt.cli.loading import load
from rosenblatt.cli.output import Output, output_file
from rosenblatt.cli.project import submissions
from rosenblatt.cli.workers import whole
from rosenblatt.errors import UserError
from rosenblatt.phases import phase

if TYPE_CHECKING:
    import numpy as np

    from rosenblatt.challenge import Challenge
    from rosenblatt.challenge.evaluation import Evaluation
    from rosenblatt.challenge.recipe import Recipe
    from rosenblatt.challenge.search import Range


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `search`."""
    parser = subparsers.add_parser(
        "search",
        help="search a recipe's settings by cross-validation",
        description="Try settings from the ranges in a TOML file, such as "
        '"network.rate" = { low = 0.01, high = 0.3, log = true } or "network.dense" = [64, 128]. '
        "Trials whose learning curve is below the others' are stopped early. With --results a "
        "search that was stopped goes on, and no fit is trained twice.",
        epilog="example: %(prog)s data/digits --ranges ranges.toml --results fits",
    )
    run.add_recipe_options(parser)
    add_folds(parser)
    parser.add_argument("--ranges", metavar="FILE", type=Path, required=True, help="what to vary")
    parser.add_argument(
        "--method",
        choices=("random", "halving", "gaussian"),
        default="halving",
        help="how to choose the next trial (default: halving)",
    )
    parser.add_argument("--trials", type=whole(1, 10_000), default=9, help="(default: 9)")
    parser.add_argument(
        "--out", metavar="FILE", type=output_file, help="write the best recipe here"
    )
    parser.add_argument(
        "--table",
        metavar="CSV",
        type=output_file,
        help="write every trial, a column a range",
    )
    parser.set_defaults(run=search)


def search(arguments: argparse.Namespace) -> int:
    """Try settings, print them from best to worst, and return 0."""
    import numpy as np

    from rosenblatt.challenge.recipe_file import to_toml
    from rosenblatt.challenge.search import SEARCHES, read_ranges
    from rosenblatt.files import write_atomic

    if arguments.part != (0, 1):
        raise UserError("--part: a search cannot be cut in parts; use --cluster, or evaluate.")
    output = Output(arguments.json)
    run.check_ledger(submissions(arguments))
    challenge = load(output, arguments.folder)
    recipe = run.choose_recipe(arguments, challenge)
    ranges = read_ranges(arguments.ranges)
    _check_ends(arguments.ranges, ranges, recipe, challenge)
    trials = _Trials(output, arguments, challenge, recipe, ranges)
    rng = np.random.default_rng(recipe.seed)
    SEARCHES[arguments.method](len(ranges), arguments.trials, rng, trials.score)
    ended = [trial for trial in trials.done if trial["share"] == 1] or trials.done
    ended.sort(key=lambda trial: -trials.metric.gain(trial["score"]))
    output.say("best:")
    for trial in ended[:5]:
        output.say(f"  {trial['score']:.4f}  {'  '.join(trial['settings'])}")
    if arguments.out:
        write_atomic(arguments.out, to_toml(trials.recipes[ended[0]["recipe_digest"]]))
        output.say(f"{arguments.out}: the best recipe")
    if arguments.table:
        _write_table(arguments.table, [wanted.key for wanted in ranges], trials.done)
    output.figures({"method": arguments.method, "trials": trials.done})
    return 0


def _check_ends(
    path: Path, ranges: list["Range"], recipe: "Recipe", challenge: "Challenge"
) -> None:
    """Raise UserError where an end of a range makes no recipe that suits the challenge."""
    from rosenblatt.challenge.overrides import override
    from rosenblatt.pipeline import check_suits

    for wanted in ranges:
        for place in range(len(wanted.choices)) if wanted.choices else (0, 1):
            end = (place + 0.5) / len(wanted.choices) if wanted.choices else place
            try:
                check_suits(override(recipe, [wanted.setting(end)]), challenge)
            except UserError as error:
                raise UserError(f"{path}: {wanted.key}: {error}") from error


def _write_table(path: Path, keys: list[str], trials: list[dict[str, Any]]) -> None:
    """Write trials as CSV, in their order. Raises UserError as write_atomic."""
    from rosenblatt.escape import cell
    from rosenblatt.files import write_atomic

    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["trial", "score", "share", "recipe", *map(cell, keys)])
    for number, trial in enumerate(trials, 1):
        values = [cell(setting.partition("=")[2]) for setting in trial["settings"]]
        lines.writerow(
            [number, repr(trial["score"]), trial["share"], trial["recipe_digest"], *values]
        )
    write_atomic(path, text.getvalue())


class _Trials:
    """Scores points, and notes each trial once in the ledger."""

    def __init__(
        self,
        output: Output,
        arguments: argparse.Namespace,
        challenge: "Challenge",
        recipe: "Recipe",
        ranges: list["Range"],
    ) -> None:
        from rosenblatt.metrics import find_metric

        self.output, self.arguments = output, arguments
        self.challenge, self.recipe, self.ranges = challenge, recipe, ranges
        self.metric = find_metric(challenge.metric)
        self.folds = make_folds(output, arguments, challenge, [recipe])
        self.done: list[dict[str, Any]] = []
        self.recipes: dict[str, Recipe] = {}
        self.scores: dict[str, float] = {}

    def score(self, point: "np.ndarray", share: float) -> float:
        """Return the cross-validated score of the settings at a point, the greater the better."""
        from rosenblatt.challenge.overrides import override

        settings = [r.setting(float(place)) for r, place in zip(self.ranges, point, strict=True)]
        recipe = _shortened(override(self.recipe, settings), share)
        if recipe.digest in self.scores:  # settings met again, or a share that changes nothing
            mean = self.scores[recipe.digest]
        else:
            start = time.perf_counter()
            with phase(f"trial {len(self.done) + 1}"):
                found = evaluate.cross_validate(self.arguments, self.folds, recipe)
            seconds = time.perf_counter() - start
            mean = self._mean(found)
            self._note(recipe, seconds, mean)
            self.scores[recipe.digest] = mean
        epochs = "" if share == 1 else f"  ({share:.0%} of the epochs)"
        self.output.say(f"trial {len(self.done) + 1}: {mean:.4f}  {'  '.join(settings)}{epochs}")
        trial = {
            "settings": settings,
            "share": share,
            "score": mean,
            "recipe_digest": recipe.digest,
        }
        self.done.append(trial)
        self.recipes[recipe.digest] = recipe
        return self.metric.gain(mean)

    def _mean(self, found: "Evaluation") -> float:
        from rosenblatt.challenge import evaluation

        scores = evaluation.scores(found, self.folds.judged.target.truth, self.metric)
        return float(scores["ensemble"]["mean"])

    def _note(self, recipe: "Recipe", seconds: float, mean: float) -> None:
        """Add the trial to the ledger, unless an earlier try of this search has."""
        from rosenblatt.challenge import ledger

        folder = submissions(self.arguments)
        for line in ledger.read(folder / "ledger.csv"):
            if line.command.startswith("search ") and (
                (line.recipe, line.data) == (recipe.digest, self.challenge.digest)
            ):
                return
        run.note(folder, self.arguments, self.challenge, recipe, seconds, mean)


def _shortened(recipe: "Recipe", share: float) -> "Recipe":
    """Return the recipe with a share of its epochs; a kernel machine, which has none, as it is."""
    members = tuple(m.shorter(share) if m.units > 1 else m for m in recipe.members)
    student = recipe.student and recipe.student.shorter(share)
    return dataclasses.replace(recipe, members=members, student=student)
