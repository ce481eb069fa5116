"""`write`: a trained character model goes on with a text."""

import argparse
from pathlib import Path

from rosenblatt.cli.output import Output, add_json_option, warn
from rosenblatt.cli.workers import positive, whole

FOLDER = Path("report", "gallery")
MODELS = FOLDER / "characters.checkpoint.npz", FOLDER / "quick" / "characters.quick.npz"


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `write`."""
    parser = subparsers.add_parser(
        "write",
        help="continue a text with a trained character model",
        description="Draw one character after another from the model that `gallery characters` "
        "left; the same seed writes the same text on every computer.",
        epilog='example: %(prog)s --prime "ROMEO:" --temperature 0.7',
    )
    parser.add_argument(
        "--model", metavar="FILE", type=Path,
        help=f"(default: {MODELS[0]}, else that of --quick, {MODELS[1]})",
    )  # fmt: skip
    parser.add_argument("--prime", metavar="TEXT", default="\n", help="the text to continue")
    parser.add_argument("--length", metavar="N", type=positive, default=500, help="(default: 500)")
    parser.add_argument(
        "--temperature", metavar="T", type=_temperature, default=0.8,
        help="0 always takes the most probable, 1 the model's own odds (default: 0.8)",
    )  # fmt: skip
    parser.add_argument(
        "--top-k", metavar="K", type=positive, help="draw from the K most probable (default: all)"
    )
    parser.add_argument(
        "--seed", metavar="N", type=whole(0, 2**63 - 1), default=0, help="(default: 0)"
    )
    add_json_option(parser)
    parser.set_defaults(run=write)


def write(arguments: argparse.Namespace) -> int:
    """Print the prime text and what follows it; return 0."""
    from rosenblatt.gallery.characters import generate, trained

    output = Output(arguments.json)
    file = arguments.model or next((model for model in MODELS if model.exists()), MODELS[0])
    warn(f"by {file}")
    model, vocabulary = trained(file)
    text = generate(
        model, vocabulary, arguments.prime, arguments.length,
        temperature=arguments.temperature, top_k=arguments.top_k, seed=arguments.seed,
    )  # fmt: skip
    output.say_lines(arguments.prime + text)
    output.figures({"prime": arguments.prime, "text": text, "seed": arguments.seed})
    return 0


def _temperature(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 on")
    return value
