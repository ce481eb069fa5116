"""`leaderboard DIR`: submissions scored against a local solution, public and private apart."""

import argparse
import dataclasses
from pathlib import Path

from rosenblatt.cli.output import Output, add_json_option, output_picture
from rosenblatt.cli.project import submissions
from rosenblatt.cli.targets import target
from rosenblatt.errors import UserError

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
    metric, classes = _contest(arguments.folder)
    graded = [board.hits(file, arguments.folder / SOLUTION, classes) for file in files]
    right, public = np.array([right for right, _ in graded]), graded[0][1]
    public_places = places(right[:, public].sum(1))
    private_places = places(right[:, ~public].sum(1))
    boards = {
        _name(file, files): board.scores(hits, public)
        for file, hits in zip(files, right, strict=True)
    }
    rows = [["file", "public", "private", "place", "was", "all"]]
    for index in np.argsort(private_places, kind="stable"):
        name, scores = list(boards.items())[index]
        ends = [f"{scores.public:.4f}", f"{scores.private:.4f}"]
        moved = [f"{private_places[index]:g}", f"{public_places[index]:g}"]
        rows.append([name, *ends, *moved, f"{scores.overall:.4f}"])
    output.table(rows)
    if metric != "accuracy":
        output.say(f"these are accuracies; the contest's metric is {metric}")
    moves = shakeup(right, public, np.random.default_rng(0))
    if len(files) > 1:
        output.say(
            f"shake-up {moves.seen:.3f}; by luck alone {moves.expected:.3f} "
            f"(95 % between {moves.low:.3f} and {moves.high:.3f})"
        )
    out = target(arguments, submissions(arguments) / "leaderboard.pdf")
    draw_board(out, boards, int(public.sum()), int((~public).sum()))
    output.say(f"picture  {out}")
    scores_by_name = {name: dataclasses.asdict(scores) for name, scores in boards.items()}
    output.figures({"scores": scores_by_name, "shakeup": dataclasses.asdict(moves)})
    return 0


def _contest(folder: Path) -> tuple[str, tuple[str, ...]]:
    """Return the metric, and the classes of the training file where there is one.

    Raises UserError where values are asked for.
    """
    from rosenblatt.challenge import load_challenge
    from rosenblatt.challenge.target import classes_of

    try:
        challenge = load_challenge(folder)
    except UserError:  # a solution may stand alone
        return "accuracy", ()
    return challenge.metric, classes_of(challenge.target).names


def _submissions(folder: Path) -> list[Path]:
    """Return the submissions in a folder. Raises UserError where there is none."""
    files = [file for file in sorted(folder.glob("*.csv")) if file.name != "ledger.csv"]
    if not files:
        raise UserError(f"{folder}: holds no submission; write one with `submit DIR`.")
    return files


def _name(file: Path, files: list[Path]) -> str:
    """Return a file's bare name where that is enough to tell it apart."""
    return file.stem if [other.stem for other in files].count(file.stem) == 1 else str(file)
