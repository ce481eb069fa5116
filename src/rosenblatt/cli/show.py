"""`show MODEL`: what a kept model is made of, and where it comes from."""

import argparse
from collections import Counter
from pathlib import Path

from rosenblatt.cli.output import Output, add_json_option


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `show`."""
    parser = subparsers.add_parser(
        "show",
        help="say what is in a kept model",
        description="Say what a model of `submit --keep` takes and answers, what it is made of, "
        "and from which data, recipe and versions it comes.",
        epilog="example: %(prog)s kept/model.npz",
    )
    parser.add_argument("model", metavar="MODEL", type=Path, help="a model, or its folder")
    add_json_option(parser)
    parser.set_defaults(run=show)


def show(arguments: argparse.Namespace) -> int:
    """Print what is in the model; return 0."""
    from rosenblatt.pipeline.model import FILE, load

    output = Output(arguments.json)
    path = arguments.model / FILE if arguments.model.is_dir() else arguments.model
    model = load(path)
    about, size = model.about, path.stat().st_size
    members = Counter(member.kind for member in model.members)
    sets = len(model.learned[0])
    answers = ", ".join(model.names[:10]) + (" ..." if len(model.names) > 10 else "")
    score = "not known" if about["score"] is None else f"{about['score']:.4f} by `evaluate`"
    lines = {
        "model": f"{path}, {size / 1e6:.1f} MB",
        "learned": f"{about['rows']} rows of {about['challenge']}, data {about['data'][:16]}...",
        "recipe": f"{about['recipe']!r}, {about['recipe_digest'][:16]}...",
        "members": ", ".join(f"{count} x {kind}" for kind, count in members.items())
        + (f", for each of {sets} sets" if sets > 1 else ""),
        "takes": _taken(model.expected),
        "answers": f"{'classes' if model.of_classes else 'values'}: {answers}",
        "score": f"{model.metric}: {score}",
        "made by": f"rosenblatt {about['rosenblatt']}, {about['versions']}",
    }
    for name, text in lines.items():
        output.say(f"{name:8} {text}")
    figures = {"path": str(path), "bytes": size, "members": dict(members), "metric": model.metric}
    output.figures(about | figures | {"kind": model.expected.kind, "names": model.names})
    return 0


def _taken(expected) -> str:  # type: ignore[no-untyped-def]
    if expected.kind != "table":
        return f"{expected.kind}: samples of shape {list(expected.shape)}"
    names = [column.name for column in expected.learned]
    return f"table of {len(names)} columns: {', '.join(names[:10])}" + " ..." * (len(names) > 10)
