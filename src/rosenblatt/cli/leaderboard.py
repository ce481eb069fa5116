"""`leaderboard DIR`: submissions scored against a local solution, public and private apart."""

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rosenblatt.cli.output import Output, add_json_option, output_picture
from rosenblatt.cli.project import submissions
from rosenblatt.cli.targets import target
from rosenblatt.errors import UserError

if TYPE_CHECKING:
    from rosenblatt.metrics import Metric

SOLUTION = "solution.csv"


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `leaderboard`."""
    parser = subparsers.add_parser(
        "leaderboard",
        help="score submissions against a local solution file",
        description="Score submissions against DIR/solution.csv (Id, label, Public or Private), "
        "public and private rows apart, say how far places moved and how far they move by luck, "
        "and draw public against private scores. For looking back: never choose a model by it.",
        epilog="example: %(prog)s data/digits submissions/*.csv",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="the challenge folder")
    parser.add_argument(
        "files", metavar="FILE", nargs="*", type=Path, help="(default: submissions/*.csv)"
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=output_picture,
        help="the picture, .pdf, .svg or .png (default: submissions/leaderboard.pdf)",
    )
    add_json_option(parser)
    parser.set_defaults(run=leaderboard)


def leaderboard(arguments: argparse.Namespace) -> int:
    """Print the boards, draw them, and return 0."""
    import numpy as np

    from rosenblatt.challenge import board
    from rosenblatt.challenge.shakeup import places, shakeup
    from rosenblatt.report.shakeup import draw_board

    output = Output(arguments.json)
    files = arguments.files or _submissions(submissions(arguments))
    contest = _contest(arguments.folder)
    graded = [board.grade(file, arguments.folder / SOLUTION, *contest) for file in files]
    metric = contest[0]
    public = graded[0].public

    def gains(rows: np.ndarray) -> np.ndarray:
        return np.array([round(metric.gain(one.score(rows)), 12) for one in graded])

    public_places, private_places = places(gains(public)), places(gains(~public))
    order = np.argsort(private_places, kind="stable")
    boards = {_name(files[index], files): graded[index].scores() for index in order}
    rows = [["file", "public", "private", "place", "was", "all"]]
    for index, (name, scores) in zip(order, boards.items(), strict=True):
        ends = [f"{scores.public:.4f}", f"{scores.private:.4f}"]
        moved = [f"{private_places[index]:g}", f"{public_places[index]:g}"]
        rows.append([name, *ends, *moved, f"{scores.overall:.4f}"])
    output.say(f"metric   {metric.title}, {'greater' if metric.greater else 'less'} is better")
    output.table(rows)
    moves = shakeup(gains, public, np.random.default_rng(0))
    if len(files) > 1:
        output.say(
            f"shake-up {moves.seen:.3f}; by luck alone {moves.expected:.3f} "
            f"(95 % between {moves.low:.3f} and {moves.high:.3f})"
        )
    out = target(arguments, submissions(arguments) / "leaderboard.pdf")
    luck = [moves.spread[index] for index in order]
    draw_board(out, metric.title, boards, public, luck)
    output.say(f"picture  {out}")
    scores_by_name = {name: dataclasses.asdict(scores) for name, scores in boards.items()}
    figures = {"metric": metric.name, "scores": scores_by_name}
    output.figures(figures | {"shakeup": dataclasses.asdict(moves)})
    return 0


def _contest(folder: Path) -> tuple["Metric", Sequence[str], Sequence[tuple[str, int]]]:
    """Return the metric, the classes of the training file where there is one, and the columns of a
    sample submission that has several.

    Accuracy where a solution stands alone.
    """
    from rosenblatt.challenge import load_challenge
    from rosenblatt.challenge.target import Classes
    from rosenblatt.metrics import find_metric

    try:
        challenge = load_challenge(folder)
    except UserError:
        return find_metric("accuracy"), (), ()
    target = challenge.target
    classes = target.names if isinstance(target, Classes) else ()
    return find_metric(challenge.metric), classes, challenge.class_columns


def _submissions(folder: Path) -> list[Path]:
    """Return the submissions in a folder. Raises UserError where there is none."""
    files = [file for file in sorted(folder.glob("*.csv")) if file.name != "ledger.csv"]
    if not files:
        raise UserError(f"{folder}: holds no submission; write one with `submit DIR`.")
    return files


def _name(file: Path, files: list[Path]) -> str:
    """Return a file's bare name where that is enough to tell it apart."""
    return file.stem if [other.stem for other in files].count(file.stem) == 1 else str(file)
