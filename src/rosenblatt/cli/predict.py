"""`predict MODEL FILE`: what a kept model answers to new rows, or to a picture."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rosenblatt.cli.output import Output, add_json_option, output_file

if TYPE_CHECKING:
    import numpy as np

    from rosenblatt.challenge.new_rows import NewRows
    from rosenblatt.pipeline.model import Model

SHOWN = 20  # rows that are printed where no file is asked for


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `predict`."""
    parser = subparsers.add_parser(
        "predict",
        help="ask a kept model for new rows, or a picture",
        description="Ask a model that `submit --keep` wrote: for the rows of a file in the form of "
        "its challenge's test rows, with or without Ids; for the test rows of a challenge's "
        "folder; for a PNG. What does not fit by name and shape is refused.",
        epilog="example: %(prog)s kept/model.npz data/digits/Xte.csv --out predicted.csv",
    )
    parser.add_argument("model", metavar="MODEL", type=Path, help="a model, or its folder")
    parser.add_argument("file", metavar="FILE", type=Path, help="a CSV, a folder or a PNG")
    parser.add_argument(
        "--probabilities", action="store_true", help="the share of each class in the votes"
    )
    parser.add_argument(
        "--out", metavar="FILE", type=output_file, help="write the answers here, as a submission"
    )
    add_json_option(parser)
    parser.set_defaults(run=predict)


def predict(arguments: argparse.Namespace) -> int:
    """Print the answers, or write them; return 0."""
    from rosenblatt.challenge.new_rows import read_new_rows
    from rosenblatt.challenge.submission import write_rows
    from rosenblatt.data.text import short
    from rosenblatt.pipeline.model import load

    output = Output(arguments.json)
    model = load(arguments.model)
    new = read_new_rows(arguments.file, model.expected)
    for note in new.notes:
        output.say(f"why      {note}")
    if arguments.probabilities:
        names, rows = model.names, model.probabilities(new).tolist()
        cells = [[repr(value) for value in row] for row in rows]
    else:
        names, cells = _answers(model, new)
    ids = new.ids
    if ids is None:
        first = model.expected.first
        ids = tuple(map(str, range(first, first + len(cells))))
        output.say(f"why      {arguments.file} has no Ids: its rows are counted from {first}")
    header = [model.header[0], *names]
    if arguments.out:
        digest = write_rows(arguments.out, header, ids, cells)
        output.say(f"{arguments.out}: {len(cells)} rows, SHA-256 {digest[:16]}...")
    else:
        rows = [[short(name)[1:-1], *row] for name, row in zip(ids, cells, strict=True)]
        output.table([header, *rows[:SHOWN]])
        if len(rows) > SHOWN:
            output.say(f"... and {len(rows) - SHOWN} more rows; --out FILE writes all of them")
    output.figures(
        {"command": "predict", "model": str(arguments.model), "columns": header[1:],
         "rows": dict(zip(ids, cells, strict=True))}
    )  # fmt: skip
    return 0


def _answers(model: "Model", new: "NewRows") -> tuple[tuple[str, ...], list[list[str]]]:
    """Return the columns of a submission, and its cells."""
    from rosenblatt.challenge.submission import cells_of

    found: np.ndarray = model.answers(new)
    columns = tuple(name for name, _ in model.class_columns) or (model.header[1],)
    return columns, cells_of(found, model.names)
