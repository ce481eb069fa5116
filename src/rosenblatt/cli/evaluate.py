"""`evaluate DIR`: what a recipe will score, how sure that is, and whether another is better."""

import argparse
import dataclasses
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rosenblatt.cli import run
from rosenblatt.cli.loading import load
from rosenblatt.cli.output import Output, output_file, output_folder, output_picture
from rosenblatt.cli.project import submissions
from rosenblatt.cli.scored import compare, say_scores
from rosenblatt.cli.workers import positive, whole, workers
from rosenblatt.errors import UserError
from rosenblatt.phases import phase

if TYPE_CHECKING:
    import numpy as np

    from rosenblatt.challenge import Challenge
    from rosenblatt.challenge.evaluation import Evaluation
    from rosenblatt.challenge.recipe import Recipe


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `evaluate`."""
    parser = subparsers.add_parser(
        "evaluate",
        help="cross-validate a recipe on the training rows",
        description="Score a recipe by cross-validation: each training row is predicted by models "
        "that never saw it. Says where the private score will lie, and where the recipe is wrong. "
        "--against compares with another recipe on the same folds. --split blocks keeps "
        "neighbouring rows together, for files whose rows come writer by writer; group and time do "
        "so by a column.",
        epilog="example: %(prog)s data/digits --split blocks --set seed=2",
    )
    run.add_recipe_options(parser)
    add_folds(parser)
    parser.add_argument(
        "--first",
        type=positive,
        metavar="N",
        help="score only the first N folds, where each takes long; --results can add more later",
    )
    parser.add_argument(
        "--repeats", type=whole(1, 1000), default=1, help="shuffle the rows into folds N times"
    )
    parser.add_argument(
        "--against", metavar="RECIPE", help="compare with this recipe: is the difference luck?"
    )
    _add_files(parser)
    parser.add_argument(
        "--tried",
        type=positive,
        metavar="N",
        help="configurations tried on these rows (default: counted in submissions/ledger.csv)",
    )
    parser.set_defaults(run=evaluate)


def _add_files(parser: argparse.ArgumentParser) -> None:
    """Give the command the options for what it writes of single rows."""
    parser.add_argument(
        "--worst", metavar="FILE", type=output_picture, help="draw the worst mistakes (.png, .pdf)"
    )
    parser.add_argument(
        "--keep", metavar="NPZ", type=output_file, help="keep votes and folds of all rows"
    )
    parser.add_argument(
        "--plots", metavar="DIR", type=output_folder,
        help="draw confusion, ROC, precision-recall and calibration there, or residuals of values",
    )  # fmt: skip
    parser.add_argument(
        "--out-of-fold", metavar="CSV", type=output_file,
        help="write fold, truth and prediction of each training row, by models that never saw it",
    )  # fmt: skip


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


def evaluate(arguments: argparse.Namespace) -> int:
    """Print what cross-validation says of a recipe, or of two; return 0."""
    import numpy as np

    from rosenblatt.challenge.evaluation import folds_scored

    output = Output(arguments.json)
    run.check_ledger(submissions(arguments))
    challenge = load(output, arguments.folder)
    if arguments.worst and challenge.kind != "image":
        raise UserError("--worst draws images, and this challenge has none; leave it out.")
    recipe = run.choose_recipe(arguments, challenge)
    other = _against(arguments.against, challenge)  # a mistake in it stops before the training
    arguments.split = arguments.split or challenge.folds or "stratified"
    first = _first(arguments)
    recipes = [recipe] if other is None else [recipe, other]
    fold = make_folds(output, arguments, challenge, recipes, arguments.repeats, first)
    first = min(first, arguments.folds)
    start = time.perf_counter()
    found = cross_validate(arguments, challenge, recipe, fold, first)
    seconds = time.perf_counter() - start
    figures = run.figures(challenge, recipe, seconds) | {"command": "evaluate"}
    figures |= {name: getattr(arguments, name) for name in ("folds", "repeats", "split", "threads")}
    scored = fold[0] < first
    judged = dataclasses.replace(
        challenge, train=challenge.train[scored], target=challenge.target[scored]
    )
    figures |= {"first": first} | say_scores(output, judged, found)
    again = f" x {arguments.repeats}" if arguments.repeats > 1 else ""
    output.say(
        f"{folds_scored(first, arguments.folds)} folds{again} ({arguments.split}), {seconds:.1f} s"
    )
    mean = figures["ensemble"]["mean"]
    run.note(submissions(arguments), arguments, challenge, recipe, seconds, mean)
    figures["tried"] = _tried(output, arguments, challenge)
    facts = {"recipe": recipe.digest, "data": challenge.digest}
    _write_rows(output, arguments, judged, found, (facts, np.flatnonzero(scored)))
    if other is not None:
        second = cross_validate(arguments, challenge, other, fold, first)
        figures["against"] = compare(output, judged, other, found, second)
    output.figures(figures)
    return 0


def _write_rows(
    output: Output,
    arguments: argparse.Namespace,
    judged: "Challenge",
    found: "Evaluation",
    which: tuple[dict[str, str], "np.ndarray"],
) -> None:
    """Write and draw what was asked for; which: facts of the run, and its rows' places."""
    from rosenblatt.report.diagnostics import draw_diagnostics
    from rosenblatt.report.figures import draw_mistakes

    facts, places = which
    if arguments.keep:
        found.keep(arguments.keep, facts)
    if arguments.worst:
        draw_mistakes(arguments.worst, judged, found.votes[0])
    if arguments.out_of_fold:
        found.write_rows(arguments.out_of_fold, judged.target, places)
        output.say(f"rows     {arguments.out_of_fold}")
    if arguments.plots:
        pictures = draw_diagnostics(arguments.plots, judged, found.votes[0])
        output.say(f"plots    {', '.join(map(str, pictures))}")


def _first(arguments: argparse.Namespace) -> int:
    """Return how many folds to score: in time, the last alone."""
    in_time = arguments.split.startswith("time")
    first = arguments.first or (1 if in_time else arguments.folds)
    if first > arguments.folds:
        raise UserError(f"--first {first}: there are {arguments.folds} folds; give at most that.")
    if first < arguments.folds and arguments.repeats > 1 and not in_time:
        raise UserError("--first: --repeats needs all folds; leave one of them out.")
    return first


def _tried(output: Output, arguments: argparse.Namespace, challenge: "Challenge") -> int:
    """Return how many configurations were tried on the data: as given, else those in the ledger."""
    from rosenblatt.challenge import ledger

    lines = ledger.read(submissions(arguments) / "ledger.csv")
    tried = {
        line.recipe
        for line in lines
        if line.data == challenge.digest and line.validation is not None
    }
    count = arguments.tried or len(tried)
    output.say(f"tried    {count} configurations on these rows: the best of many is partly lucky")
    return count


def make_folds(
    output: Output,
    arguments: argparse.Namespace,
    challenge: "Challenge",
    recipes: Sequence["Recipe"],
    repeats: int = 1,
    first: int | None = None,
) -> "np.ndarray":
    """Return the fold of each training row in each repetition, [R, N], as the options ask.

    By the first recipe's seed; a file of folds tells their number, arguments.folds. Prints which of
    the `first` folds have a class that the others lack, and where random folds flatter. Raises
    UserError where one of the recipes would have nothing to tell apart.
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
    if how.startswith("time") and first != 1:
        raise UserError(
            f"--split {how}: the last rows alone are held out, and all folds are wanted here; give "
            "--split blocks."
        )
    drawn = [pipeline.split_rows(challenge, how, arguments.folds, rng) for _ in range(repeats)]
    fold = np.array([one for one, _ in drawn])
    arguments.split, arguments.folds = drawn[0][1], int(fold.max()) + 1
    first = None if first is None else min(first, arguments.folds)
    if how == "stratified":
        for sentence in flattering(challenge):
            output.say(f"odd      {sentence}")
    splits = [one for once in fold for one in pipeline.fold_splits(challenge, once, first)]
    for recipe in recipes:
        pipeline.check_splits(challenge, recipe, splits)
    for sentence in dict.fromkeys(pipeline.lacking(challenge, splits)):
        output.say(f"odd      {sentence}")
    return fold


def cross_validate(
    arguments: argparse.Namespace,
    challenge: "Challenge",
    recipe: "Recipe",
    fold: "np.ndarray",
    first: int | None = None,
) -> "Evaluation":
    """Return the evaluation of a recipe over the first folds of [R, N], or all, under a bar."""
    import numpy as np

    from rosenblatt import pipeline
    from rosenblatt.challenge.evaluation import Evaluation

    units = pipeline.units(recipe, arguments.folds, first)
    found = []
    with phase(f"training {recipe.name!r}", units * len(fold)) as progress:
        for number, once in enumerate(fold):

            def go_on(done: int, before: int = number * units) -> None:
                progress(before + done)

            one = pipeline.cross_validate(challenge, recipe, once, workers(arguments), go_on, first)
            found.append(one)
    names = [job.name for job in pipeline.jobs(recipe)]
    members = np.array([one.members for one in found])
    scored = fold if first is None else fold[:, fold[0] < first]
    return Evaluation(names, members, np.array([one.votes for one in found]), scored)


def _against(name: str | None, challenge: "Challenge") -> "Recipe | None":
    """Return the recipe to compare with, or None."""
    from rosenblatt.challenge.recipe import read_recipe, recipe_path
    from rosenblatt.pipeline import check_suits

    if not name:
        return None
    recipe = read_recipe(recipe_path(name))
    check_suits(recipe, challenge)
    return recipe
