"""What `evaluate` says of votes: scores, intervals, classes, confusions, and the better of two."""

import dataclasses
from typing import TYPE_CHECKING, Any

from rosenblatt.cli import run
from rosenblatt.cli.output import Output

if TYPE_CHECKING:
    import numpy as np

    from rosenblatt.challenge import Challenge
    from rosenblatt.challenge.evaluation import Evaluation
    from rosenblatt.challenge.recipe import Recipe
    from rosenblatt.metrics import Metric

NAMED = 20  # classes whose table is printed


def say_scores(output: Output, challenge: "Challenge", found: "Evaluation") -> dict[str, Any]:
    """Print and return scores, how much the members differ, intervals and the confusions."""
    from rosenblatt.challenge import evaluation
    from rosenblatt.challenge.diversity import diversity
    from rosenblatt.challenge.target import Classes
    from rosenblatt.metrics import find_metric

    metric = find_metric(challenge.metric)
    scores = evaluation.scores(found, challenge.target.truth, metric)
    if metric.name != "accuracy":
        which = "greater" if metric.greater else "less"
        output.say(f"metric   {metric.title}, {which} is better")
    for name, score in scores.items():
        output.say(f"{name}: {score['mean']:.4f} +- {score['standard_error']:.4f}")
    apart = diversity(found, challenge.labels) if metric.name == "accuracy" else None
    if apart:
        output.say(
            f"members  {apart.mean:.4f} on average, the best {apart.best:.4f}; together "
            f"{apart.gain:+.4f} over the best; two disagree on {apart.pairwise:.2%} of the rows"
        )
    test = evaluation.interval(challenge, found, metric)
    private = evaluation.interval(challenge, found, metric, 1 - challenge.public_share)
    for name, ends in (("test", test), ("private", private)):
        output.say(
            f"{name:8} 95 % of scores on {ends['rows']:,} such rows lie in {ends['low']:.4f} to "
            f"{ends['high']:.4f}"
        )
    figures = scores | {
        "metric": metric.name,
        "rows": len(challenge.target),
        "members": dataclasses.asdict(apart) if apart else None,
        "test": test,
        "private": private,
        "cuts": _cuts(output, challenge, found, metric),
    }
    if isinstance(challenge.target, Classes):
        table = evaluation.confusion(found, challenge.labels, metric)
        figures["classes"] = _say_classes(output, challenge.classes, table)
        figures["confusion"] = table.tolist()
    else:
        figures["residuals"] = _say_residuals(output, challenge, found, metric)
    return figures


def _cuts(
    output: Output, challenge: "Challenge", found: "Evaluation", metric: "Metric"
) -> tuple[float, ...] | None:
    """Print and return the cuts that are best on all rows, where the metric wants some."""
    import numpy as np

    from rosenblatt.metrics.decisions import cuts_for, needs_cuts

    if not needs_cuts(metric, challenge.target.columns):
        return None
    if len(np.unique(found.fold[0])) == 1:
        output.say(
            "cuts     one fold alone tells of none, so the most votes decide; submit chooses them "
            "by folds inside"
        )
        return None
    cuts = cuts_for(metric, challenge.labels, found.votes[0])
    if cuts is not None:
        output.say(f"cuts     {run.cuts_in_words(challenge, cuts)}; each fold's are of the others")
    return cuts


def _say_classes(
    output: Output, names: tuple[str, ...], counts: "np.ndarray"
) -> dict[str, dict[str, float | None]]:
    """Print how well each class was told, and which was taken for which, if they fit a page.

    Return precision, recall, F1 and rows of each; None where a ratio is of nothing.
    """
    from rosenblatt.metrics.curves import class_scores

    scores = class_scores(counts)
    columns = [column.tolist() for column in scores]
    found = {
        name: dict(zip(scores._fields, (None if x != x else x for x in row), strict=True))
        for name, row in zip(names, zip(*columns, strict=True), strict=True)
    }
    if len(names) <= NAMED:
        rows = [["class", "precision", "recall", "F1", "rows"]]
        for name, one in found.items():
            *ratios, count = one.values()
            cells = ["-" if ratio is None else f"{ratio:.4f}" for ratio in ratios]
            rows.append([name, *cells, f"{count:.0f}"])
        output.table(rows)
        rows = [["true, predicted:", *names]]
        for name, line in zip(names, counts, strict=True):
            rows.append([name, *(str(count) if count else "." for count in line)])
        output.table(rows)
    return found


def _say_residuals(
    output: Output, challenge: "Challenge", found: "Evaluation", metric: "Metric"
) -> dict[str, dict[str, float]]:
    """Print and return what is left over of each value: predicted less true."""
    import numpy as np

    from rosenblatt.challenge.target import values_of
    from rosenblatt.metrics.decisions import answer

    target = values_of(challenge.target)
    said = answer(metric, found.votes[0]).reshape(len(target), -1)
    figures = {}
    for name, left in zip(target.names, (said - target.values).T, strict=True):
        sizes = np.abs(left)
        figures[name] = {
            "mean": float(left.mean()),
            "median_size": float(np.median(sizes)),
            "largest_size": float(sizes.max()),
            "row": int(sizes.argmax()) + 1,
        }
        one = figures[name]
        output.say(
            f"residual {name}: predicted - true is {one['mean']:.4g} on average; half are within "
            f"{one['median_size']:.4g}, the largest {one['largest_size']:.4g} (row {one['row']})"
        )
    return figures


def compare(
    output: Output,
    challenge: "Challenge",
    other: "Recipe",
    found: "Evaluation",
    second: "Evaluation",
) -> dict[str, Any]:
    """Print whether the recipe differs from another one by more than luck."""
    from rosenblatt.challenge import statistics
    from rosenblatt.metrics import find_metric
    from rosenblatt.metrics.decisions import answer_held

    metric = find_metric(challenge.metric)
    truth = challenge.target.truth
    if metric.name == "accuracy":
        result = statistics.compare(found.right(truth), second.right(truth))
    else:
        answers = (answer_held(metric, truth, x.votes[0], x.fold[0]) for x in (found, second))
        result = statistics.compare_answers(metric, truth, *answers)
    verdict = "may well be luck" if result.luck else "is more than luck"
    chance = f"p = {result.p:.3f}" if result.p >= 0.001 else "p < 0.001"
    alone = ""
    if result.only_a is not None:
        alone = f"; {result.only_a} rows right here alone, {result.only_b} there alone"
    output.say(f"against {other.name!r}: {result.difference:+.4f}{alone}")
    test = "exact test over rows" if alone else "paired bootstrap over rows"
    output.say(f"{test}, {chance}: the difference {verdict}")
    return dataclasses.asdict(result) | {"recipe_digest": other.digest, "luck": result.luck}
