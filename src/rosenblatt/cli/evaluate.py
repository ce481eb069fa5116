"""`evaluate DIR`: what a recipe will score, how sure that is, and whether another is better."""

import argparse
import time
from typing import TYPE_CHECKING

from rosenblatt.cli import run
from rosenblatt.cli.explain import draw_explanation
from rosenblatt.cli.folds import Folds, add_folds, make_folds
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
        help="draw confusion, ROC, precision-recall and calibration there, or residuals of values; "
        "of a table the columns that count as well, for which it trains once more",
    )  # fmt: skip
    parser.add_argument(
        "--out-of-fold", metavar="CSV", type=output_file,
        help="write fold, truth and prediction of each training row, by models that never saw it",
    )  # fmt: skip


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
    recipes = [recipe] if other is None else [recipe, other]
    folds = make_folds(output, arguments, challenge, recipes, arguments.repeats)
    start = time.perf_counter()
    found = cross_validate(arguments, folds, recipe)
    seconds = time.perf_counter() - start
    figures = run.figures(challenge, recipe, seconds) | {"command": "evaluate"}
    figures |= {name: getattr(arguments, name) for name in ("folds", "repeats", "split", "threads")}
    judged, first = folds.judged, folds.first
    figures |= {"first": first} | say_scores(output, judged, found)
    again = f" x {arguments.repeats}" if arguments.repeats > 1 else ""
    output.say(
        f"{folds_scored(first, arguments.folds)} folds{again} ({arguments.split}), {seconds:.1f} s"
    )
    mean = figures["ensemble"]["mean"]
    run.note(submissions(arguments), arguments, challenge, recipe, seconds, mean)
    figures["tried"] = _tried(output, arguments, challenge)
    facts = {"recipe": recipe.digest, "data": challenge.digest}
    which = facts, np.flatnonzero(folds.fold[0] < first)
    _write_rows(output, arguments, judged, found, which, (challenge, recipe))
    if other is not None:
        second = cross_validate(arguments, folds, other)
        figures["against"] = compare(output, judged, other, found, second)
    output.figures(figures)
    return 0


def _write_rows(
    output: Output,
    arguments: argparse.Namespace,
    judged: "Challenge",
    found: "Evaluation",
    which: tuple[dict[str, str], "np.ndarray"],
    explained: tuple["Challenge", "Recipe"],
) -> None:
    """Write and draw what was asked for; which: facts of the run, and its rows' places; explained:
    what goes by columns."""
    from rosenblatt.metrics import find_metric
    from rosenblatt.metrics.decisions import classes_held
    from rosenblatt.pipeline.explain import FORMS
    from rosenblatt.report.diagnostics import draw_diagnostics
    from rosenblatt.report.figures import draw_mistakes

    metric = find_metric(judged.metric)
    facts, places = which
    if arguments.keep:
        found.keep(arguments.keep, facts)
    if arguments.worst:
        said = classes_held(metric, judged.labels, found.votes[0], found.fold[0])
        draw_mistakes(arguments.worst, judged, found.votes[0], said)
    if arguments.out_of_fold:
        found.write_rows(arguments.out_of_fold, judged.target, places, metric)
        output.say(f"rows     {arguments.out_of_fold}")
    if arguments.plots:
        pictures = draw_diagnostics(arguments.plots, judged, found.votes[0], found.fold[0])
        if judged.kind in FORMS:
            pictures.append(arguments.plots / "columns.png")
            draw_explanation(pictures[-1], arguments, *explained)
        output.say(f"plots    {', '.join(map(str, pictures))}")


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


def cross_validate(arguments: argparse.Namespace, folds: Folds, recipe: "Recipe") -> "Evaluation":
    """Return the evaluation of a recipe over the folds that are scored, under a bar."""
    import numpy as np

    from rosenblatt import pipeline
    from rosenblatt.challenge.evaluation import Evaluation

    challenge, fold, first = folds
    units = pipeline.units(recipe, len(challenge.target), arguments.folds, first)
    found = []
    with phase(f"training {recipe.name!r}", units * len(fold)) as progress:
        for number, once in enumerate(fold):

            def go_on(done: int, before: int = number * units) -> None:
                progress(before + done)

            one = pipeline.cross_validate(challenge, recipe, once, workers(arguments), go_on, first)
            found.append(one)
    names = [job.name for job in pipeline.jobs(recipe)]
    members = np.array([one.members for one in found])
    votes = np.array([one.votes for one in found])
    scored = fold[:, fold[0] < first] if first < arguments.folds else fold
    return Evaluation(names, members, votes, scored)


def _against(name: str | None, challenge: "Challenge") -> "Recipe | None":
    """Return the recipe to compare with, or None."""
    from rosenblatt.challenge.recipe import read_recipe, recipe_path
    from rosenblatt.pipeline import check_suits

    if not name:
        return None
    recipe = read_recipe(recipe_path(name))
    check_suits(recipe, challenge)
    return recipe
