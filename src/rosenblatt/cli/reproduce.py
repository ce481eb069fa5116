"""`reproduce`: train the final recipe again, and compare what comes out."""

import argparse
import hashlib
import time
from pathlib import Path

from rosenblatt.cli import run
from rosenblatt.cli.loading import load
from rosenblatt.cli.output import Output, add_json_option, output_file
from rosenblatt.cli.project import final_file
from rosenblatt.cli.targets import target
from rosenblatt.cli.workers import add_threads
from rosenblatt.errors import UserError


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `reproduce`."""
    parser = subparsers.add_parser(
        "reproduce",
        help="train the final recipe and compare with the final submission",
        description="Train submissions/final.toml, write submissions/reproduced.csv and compare "
        "it with submissions/final.csv. Exit code 0 only when they are identical.",
        epilog="example: %(prog)s --threads 2",
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=output_file,
        help="where to write it (default: submissions/reproduced.csv)",
    )
    run.add_keep_option(parser)
    add_threads(parser)
    add_json_option(parser)
    parser.set_defaults(run=reproduce)


def reproduce(arguments: argparse.Namespace) -> int:
    """Train the final recipe; return 0 only where the submission comes out identical."""
    from rosenblatt.challenge import write_submission
    from rosenblatt.challenge.recipe import read_final, read_recipe
    from rosenblatt.train.workers import Workers

    output = Output(arguments.json)
    path = final_file(arguments)
    recipe, final = read_recipe(path), read_final(path)
    folder = arguments.project / final.challenge
    challenge = load(output, folder)
    if challenge.digest != final.data:
        raise UserError(
            f"{folder}: the data differ from those of {path}; restore them, or make a submission "
            "for these data final: `submit`, then `final`."
        )
    out = target(arguments, path.with_name("reproduced.csv"))
    run.check_ledger(out.parent)
    run.check_kept(arguments)
    start = time.perf_counter()
    where = Workers(arguments.threads)  # trained again: kept results prove nothing
    found = run.predict(output, challenge, recipe, where, bool(arguments.kept))
    digest = write_submission(out, challenge, found.rows)
    seconds = time.perf_counter() - start
    run.note(out.parent, arguments, challenge, recipe, seconds, file=digest)
    kept = run.keep(output, arguments, challenge, recipe, found)
    output.figures(
        kept
        | run.figures(challenge, recipe, seconds)
        | {"file": str(out), "file_digest": digest, "identical": digest == final.submission}
    )
    if digest == final.submission:
        output.say(f"identical: {out} has SHA-256 {digest[:16]}..., as promised; {seconds:.1f} s")
        return 0
    _explain(output, out, path, final.submission)
    return 1


def _explain(output: Output, out: Path, final: Path, promised: str) -> None:
    """Say which rows differ from the final submission, and why that can be."""
    from rosenblatt.report.versions import versions

    output.say(f"NOT identical: {out} differs from what {final.name} promises ({promised[:16]}...)")
    expected = final.with_suffix(".csv")
    lines = expected.read_text().splitlines() if expected.exists() else []
    if hashlib.sha256(expected.read_bytes() if lines else b"").hexdigest() != promised:
        output.say(f"{expected} is missing or is not the promised file; restore it.")
        return
    pairs = list(zip(out.read_text().splitlines(), lines, strict=True))
    rows = [(row, *pair) for row, pair in enumerate(pairs, 1) if pair[0] != pair[1]]
    for row, ours, theirs in rows[:20]:
        output.say(f"  row {row}: {ours}, expected {theirs}")
    output.say(
        f"{len(rows)} rows differ. The arithmetic is the same on every CPU and number of threads, "
        "so the sources or the recipe were changed, or NumPy or Numba have another version: "
        f"{versions()}; requirements.lock names the right ones."
    )
