"""`submit`, `reproduce`: training runs, each with its line in the ledger."""

import argparse
import hashlib
import shlex
import sys
import time
from pathlib import Path
from typing import Any

from rosenblatt.cli.loading import load
from rosenblatt.cli.output import Output, add_json_option, output_file
from rosenblatt.cli.progress import progress_bar
from rosenblatt.cli.project import final_file, submissions
from rosenblatt.cli.targets import target
from rosenblatt.cli.workers import add_threads, add_workers, duration, workers
from rosenblatt.errors import UserError
from rosenblatt.files import check_writable

QUICK = 10  # --quick divides the epochs by this


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the commands `submit` and `reproduce`."""
    submit_parser = subparsers.add_parser(
        "submit",
        help="train a recipe and write a checked submission",
        description="Train a recipe on all training rows of a challenge and write a submission.",
        epilog="example: %(prog)s data/digits --out submissions/mine.csv",
    )
    add_recipe_options(submit_parser)
    submit_parser.add_argument(
        "--out",
        metavar="FILE",
        type=output_file,
        help="the submission (default: submissions/NAME.csv)",
    )
    submit_parser.add_argument(
        "--budget",
        metavar="TIME",
        type=duration,
        help="as many members and epochs as can be done in 90s, 10m, 1h; the best so far is kept",
    )
    submit_parser.set_defaults(run=submit)

    reproduce_parser = subparsers.add_parser(
        "reproduce",
        help="train the final recipe and compare with the final submission",
        description="Train submissions/final.toml, write submissions/reproduced.csv and compare "
        "it with submissions/final.csv. Exit code 0 only when they are identical.",
        epilog="example: %(prog)s --threads 2",
    )
    reproduce_parser.add_argument(
        "--out",
        metavar="FILE",
        type=output_file,
        help="where to write it (default: submissions/reproduced.csv)",
    )
    add_threads(reproduce_parser)
    add_json_option(reproduce_parser)
    reproduce_parser.set_defaults(run=reproduce)


def add_recipe_options(parser: argparse.ArgumentParser) -> None:
    """Give a command DIR and the options that choose a recipe and where it runs."""
    parser.add_argument("folder", metavar="DIR", help="the challenge folder")
    parser.add_argument(
        "--recipe",
        metavar="RECIPE",
        help="a TOML file, or a shipped one's name (default: by the data)",
    )
    parser.add_argument("--seed", type=int, help="instead of the recipe's")
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        dest="settings",
        help="change a setting: network.epochs=20, features.scale=standardise (may be repeated)",
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the epochs, one of a kind")
    add_workers(parser)
    add_json_option(parser)


def submit(arguments: argparse.Namespace) -> int:
    """Train, write a checked submission, note it in the ledger; return 0."""
    output = Output(arguments.json)
    challenge = load(output, arguments.folder)
    recipe = choose_recipe(arguments, challenge)
    out = target(arguments, submissions(arguments) / f"{_file_name(challenge.name)}.csv")
    check_ledger(out.parent)
    start = time.perf_counter()
    if arguments.budget:
        from rosenblatt.cli.budget import submit_within

        output.figures(submit_within(output, arguments, challenge, recipe, out))
    else:
        where = workers(arguments)
        predictions = predict(output, challenge, recipe, where)
        output.figures(write(output, arguments, challenge, recipe, out, predictions, start))
    return 0


def write(
    output: Output,
    arguments: argparse.Namespace,
    challenge: Any,
    recipe: Any,
    out: Path,
    predictions: Any,
    start: float,
) -> dict[str, Any]:
    """Write a checked submission and note it; return the figures. The run began at start."""
    from rosenblatt.challenge import write_submission

    digest = write_submission(out, challenge, predictions)
    seconds = time.perf_counter() - start
    note(out.parent, arguments, challenge, recipe, seconds, file=digest)
    output.say(f"{out}: {len(predictions)} rows, SHA-256 {digest[:16]}..., {seconds:.1f} s")
    return figures(challenge, recipe, seconds) | {
        "command": "submit",
        "threads": arguments.threads,
        "file": str(out),
        "file_digest": digest,
    }


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
    check_ledger(out.parent)
    start = time.perf_counter()
    where = Workers(arguments.threads)  # trained anew: nothing that was kept proves anything
    predictions = predict(output, challenge, recipe, where)
    digest = write_submission(out, challenge, predictions)
    seconds = time.perf_counter() - start
    note(out.parent, arguments, challenge, recipe, seconds, file=digest)
    output.figures(
        figures(challenge, recipe, seconds)
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


def choose_recipe(arguments: argparse.Namespace, challenge: Any) -> Any:
    """Return the recipe that the options ask for."""
    from dataclasses import replace

    from rosenblatt.challenge.overrides import override
    from rosenblatt.challenge.recipe import default_recipe, quick, read_recipe, recipe_path
    from rosenblatt.pipeline import check_suits

    given = arguments.recipe
    path = recipe_path(given) if given else default_recipe(challenge.kind, challenge.train.shape)
    recipe = override(read_recipe(path), arguments.settings)
    if arguments.seed is not None:
        recipe = replace(recipe, seed=arguments.seed)
    check_suits(recipe, challenge)
    return quick(recipe, QUICK) if arguments.quick else recipe


def predict(output: Output, challenge: Any, recipe: Any, where: Any) -> Any:
    """Train all members under a progress bar, then look for banned libraries among what it used."""
    from rosenblatt import pipeline
    from rosenblatt.challenge.audit import check_loaded

    count = len(list(pipeline.fits(recipe)))
    output.say(f"{challenge.name}: training {count} members of recipe {recipe.name!r} ...")
    with progress_bar(recipe.name, pipeline.units(recipe)) as progress:
        predictions = pipeline.predict(challenge, recipe, where, progress)
    findings = check_loaded().findings
    if findings:
        raise UserError(
            f"the run loaded a banned library: {findings[0]}; `audit` names what pulls it in."
        )
    return predictions


def _file_name(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-") or "submission"


def check_ledger(folder: Path) -> None:
    """Raise UserError, before a training, where its line could not be noted after it."""
    from rosenblatt.challenge import ledger
    from rosenblatt.challenge.lock import has_locks

    path = folder / "ledger.csv"
    ledger.read(path)
    check_writable(path)
    if not has_locks(path):
        print(
            f"note: the file system of {path} has no locks: let no two commands write to it at "
            "once, or a line or a hand-in may be lost",
            file=sys.stderr,
        )


def conditions(run: Any) -> list[str]:
    """Return what a reader should know of how the run of a ledger's line was made."""
    if not run.folder:
        return ["the line of its run does not say whether it was --quick; it is of an earlier time"]
    means = {
        "--quick": "it was a trial run (--quick): a tenth of the epochs, one member of a kind",
        "--budget": "it was cut to a time (--budget): another machine would choose other members",
        "--seed": "it has another seed than its recipe's file (--seed)",
        "--set": "it has other settings than its recipe's file (--set)",
    }
    names = [word.partition("=")[0] for word in shlex.split(run.command)]
    given = [name for name in names if len(name) > 2 and name.startswith("--")]
    return [
        text
        for option, text in means.items()
        if any(option.startswith(name) for name in given)  # argparse takes what begins one option
    ]


def note(
    folder: Path,
    arguments: argparse.Namespace,
    challenge: Any,
    recipe: Any,
    seconds: float,
    score: float | None = None,
    file: str = "",
) -> None:
    """Add a line for this command to the ledger, and keep the recipe that it names."""
    from rosenblatt.challenge import ledger
    from rosenblatt.challenge.recipe_file import keep_recipe
    from rosenblatt.report.versions import processor, versions

    keep_recipe(folder, recipe)
    run = ledger.Run(
        command=shlex.join(arguments.words),
        folder=str(getattr(arguments, "folder", "")),
        recipe=recipe.digest,
        data=challenge.digest,
        versions=versions(),
        cpu=processor(),
        seconds=seconds,
        validation=score,
        file=file,
    )
    ledger.append(folder / "ledger.csv", run)


def figures(challenge: Any, recipe: Any, seconds: float) -> dict[str, Any]:
    """Return what every run says of itself; sources: the SHA-256 of what decides votes."""
    from rosenblatt.report.versions import processor, versions
    from rosenblatt.sources import sources_digest

    return {
        "challenge": challenge.name,
        "data_digest": challenge.digest,
        "recipe": recipe.name,
        "recipe_digest": recipe.digest,
        "seed": recipe.seed,
        "seconds": round(seconds, 3),
        "versions": versions(),
        "sources": sources_digest("rosenblatt.pipeline.committee"),
        "cpu": processor(),
    }
