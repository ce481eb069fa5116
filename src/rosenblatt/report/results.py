"""Kept results: the README's table, made from the JSON files that commands wrote."""

import json
from pathlib import Path
from typing import Any

from rosenblatt.challenge.evaluation import folds_scored
from rosenblatt.challenge.shipped import shipped_recipes
from rosenblatt.data.text import check_file
from rosenblatt.data.toml import read_toml
from rosenblatt.errors import UserError
from rosenblatt.files import write_atomic
from rosenblatt.metrics import find_metric
from rosenblatt.report.escape import markdown

BEGIN, END = "<!-- python start.py results -->\n", "<!-- end of results -->\n"
ALWAYS = ("challenge", "data_digest", "recipe_digest", "seconds", "cpu")
NEEDED = {
    "evaluate": ("ensemble", "test", "tried", "threads", "folds", "first", "repeats", "rows"),
    "submit": ("file_digest", "threads"),
    "curve": ("points", "held"),
}
Results = list[dict[str, Any]]


def read_results(folder: Path) -> Results:
    """Return what evaluate, submit and curve wrote into a folder's JSON files, in order of names.

    Files of another kind, which name no command, are left out. Raises UserError where one is
    damaged or lacks something.
    """
    found = (_read(path) for path in sorted(folder.glob("*.json")))
    return [result for result in found if result]


def _read(path: Path) -> dict[str, Any]:
    check_file(path)
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        if "command" not in result:
            return {}
        needed = NEEDED[result["command"]]
        missing = [key for key in (*needed, *ALWAYS) if key not in result]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(f"{path}: is not a result ({error!r}); write it with --json.") from error
    if missing:
        raise UserError(f"{path}: lacks {', '.join(missing)}; measure again, with --json.")
    return result


def table(results: Results, published: dict[str, Any]) -> str:
    """Return a Markdown table of the evaluations, one row each."""
    rows = [
        "| challenge | recipe | score, cross-validated | 95 % of scores on the test rows | "
        "single networks: mean, best | two members disagree on; gain over the best | "
        "configurations tried | time to train and predict | record |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    found = [result for result in results if result["command"] == "evaluate"]
    if not found:
        return "No result is kept yet: `evaluate DIR --json report/results/NAME.json` writes one.\n"
    rows += [f"| {' | '.join(_cells(result, results, published))} |" for result in found]
    return "\n".join(rows) + "\n"


def _cells(result: dict[str, Any], results: Results, published: dict[str, Any]) -> list[str]:
    score, test, alone = result["ensemble"], result["test"], _networks_alone(result)
    again = f" x {result['repeats']}" if result["repeats"] > 1 else ""
    folds = folds_scored(result["first"], result["folds"])
    record = published.get("record", {}).get(result["challenge"])
    return [
        markdown(result["challenge"]),
        f"{markdown(recipe_name(result))} `{result['recipe_digest'][:8]}`",
        f"{find_metric(metric_of(result)).title} {score['mean']:.4f} ± "
        f"{score['standard_error']:.4f} ({folds} folds{again})",
        f"{test['low']:.4f} to {test['high']:.4f} ({test['rows']:,})",
        f"{sum(alone) / len(alone):.4f}, {max(alone):.4f}" if alone else "",
        _diversity(result),
        str(result["tried"]),
        _time(result, results),
        f"{record['accuracy']:.4f}, {record['by']}" if record else "",
    ]


def _networks_alone(result: dict[str, Any]) -> list[float]:
    """Return the mean accuracy of each network of an evaluation; of other members, none."""
    return [score["mean"] for name, score in result.items() if name.startswith("network ")]


def _diversity(result: dict[str, Any]) -> str:
    """Return how much an evaluation's members differ, and what that gains; of one member, none."""
    members = result.get("members")
    return f"{members['pairwise']:.1%}; {members['gain']:+.4f}" if members else ""


def metric_of(result: dict[str, Any]) -> str:
    """Return the name of the metric of an evaluation's or a curve's scores."""
    return result.get("metric", "accuracy")  # results of early versions name none


def recipe_name(result: dict[str, Any]) -> str:
    """Return the file name of a result's recipe where it is shipped, else the name that it has."""
    named = {shipped.digest: shipped.path.stem for shipped in shipped_recipes()}
    return named.get(result["recipe_digest"], result["recipe"])


def timed(result: dict[str, Any], results: Results) -> dict[str, Any]:
    """Return the submission of the same recipe and data, whose time counts, else the result."""
    for other in results:
        if other["command"] == "submit" and all(
            other[key] == result[key] for key in ("recipe_digest", "data_digest")
        ):
            return other
    return result


def _time(result: dict[str, Any], results: Results) -> str:
    """Return the time of a submission of the same recipe and data, else of an average fold."""
    taken = timed(result, results)
    what = " a fold" if taken is result else ""
    threads = f"{taken['threads']} thread{'s' * (taken['threads'] > 1)}"
    return f"{seconds_once(taken) / 60:.1f} min{what}, {threads}, {taken['cpu']}"


def seconds_once(result: dict[str, Any]) -> float:
    """Return the seconds to train and predict once: of a submission, or of an average fold."""
    return result["seconds"] / (result.get("first", 1) * result.get("repeats", 1))


def core_minutes(result: dict[str, Any]) -> float:
    """Return the minutes to train and predict once, times the threads that shared the work."""
    return seconds_once(result) * result["threads"] / 60


def section(folder: Path) -> str:
    """Return what stands in the README between the markers: the table, then the figures there."""
    published = read_toml(folder.parent / "published.toml")
    text = table(read_results(folder), published)
    for name, words in (
        ("time", "Error against the time to train and predict"),
        ("rows", "Error against the number of training rows, beside published curves"),
    ):
        if (folder / f"{name}.svg").exists():
            text += f"\n![{words}]({folder.parent.name}/{folder.name}/{name}.svg)\n"
    return text


def update_readme(readme: Path, text: str, marks: tuple[str, str] = (BEGIN, END)) -> None:
    """Put a text between two marks of a README. Raises UserError where it has none."""
    before, begin, rest = readme.read_text(encoding="utf-8").partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not begin or not end:
        raise UserError(f"{readme}: has no lines {' and '.join(map(str.strip, marks))}; add them.")
    write_atomic(readme, f"{before}{begin}\n{text}\n{end}{after}")


def keep_beside_recipes(results: Results) -> list[Path]:
    """Write, beside each shipped recipe that was evaluated, the result that `recipes` shows.

    It says how long it took to train and predict once, and whether that is of a whole submission.
    """
    written = []
    for shipped in shipped_recipes():
        same = [
            result
            for result in results
            if result["command"] == "evaluate" and result["recipe_digest"] == shipped.digest
        ]
        if same:
            path, once = shipped.path.with_suffix(".json"), timed(same[0], results)
            kept = same[0] | {
                "once": {
                    "seconds": round(seconds_once(once), 3),
                    "of": "a fold" if once is same[0] else "a submission",
                    "threads": once["threads"],
                    "cpu": once["cpu"],
                }
            }
            write_atomic(path, json.dumps(kept, indent=2, ensure_ascii=False) + "\n")
            written.append(path)
    return written
