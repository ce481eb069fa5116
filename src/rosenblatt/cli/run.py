"""What the commands that train share: the recipe they are given, the run, its ledger line."""

import argparse
import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rosenblatt.cli.output import Output, add_json_option, output_folder, warn
from rosenblatt.cli.project import submissions
from rosenblatt.cli.workers import add_workers
from rosenblatt.errors import UserError
from rosenblatt.files import check_writable
from rosenblatt.phases import phase

if TYPE_CHECKING:
    import numpy as np

    from rosenblatt.challenge import Challenge
    from rosenblatt.challenge.ledger import Run
    from rosenblatt.challenge.recipe import Recipe
    from rosenblatt.pipeline.ensemble import Answers
    from rosenblatt.train.workers import Workers

QUICK = 10  # --quick divides the epochs by this


def add_recipe_options(parser: argparse.ArgumentParser) -> None:
    """Give a command DIR and the options that choose a recipe and where it runs."""
    parser.add_argument("folder", metavar="DIR", help="the challenge folder")
    parser.add_argument(
        "--recipe",
        metavar="RECIPE",
        help="a TOML file, or a shipped one's name (default: one for this kind of data)",
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
    parser.add_argument(
        "--quick",
        action="store_true",
        help="a trial: a tenth of the epochs, one member of each kind",
    )
    add_workers(parser)
    add_json_option(parser)


def write(
    output: Output,
    arguments: argparse.Namespace,
    challenge: "Challenge",
    recipe: "Recipe",
    out: Path,
    predictions: "np.ndarray",
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


def choose_recipe(arguments: argparse.Namespace, challenge: "Challenge") -> "Recipe":
    """Return the recipe that the options ask for."""
    from dataclasses import replace

    from rosenblatt.challenge.overrides import override
    from rosenblatt.challenge.recipe import default_recipe, quick, read_recipe, recipe_path
    from rosenblatt.data.text import short
    from rosenblatt.pipeline import check_suits, not_learned

    given = arguments.recipe
    path = recipe_path(given) if given else default_recipe(*challenge.facts)
    recipe = override(read_recipe(path), arguments.settings)
    if arguments.seed is not None:
        recipe = replace(recipe, seed=arguments.seed)
    check_suits(recipe, challenge)
    if missed := not_learned(recipe, challenge.train):
        warn(
            f"note: recipe {recipe.name!r} learns nothing from {', '.join(map(short, missed))}: no "
            'feature of it suits these columns; kind = "words" is for text.'
        )
    return quick(recipe, QUICK) if arguments.quick else recipe


def add_keep_option(parser: argparse.ArgumentParser) -> None:
    """Give a command the option --keep DIR."""
    parser.add_argument(
        "--keep",
        metavar="DIR",
        type=output_folder,
        dest="kept",
        help="keep what was learned in DIR/model.npz, for `predict` and `show`",
    )


def check_kept(arguments: argparse.Namespace) -> None:
    """Raise UserError, before a training, where --keep would replace what is no model."""
    if arguments.kept is not None:
        from rosenblatt.pipeline.model import FILE, check_place

        check_place(arguments.kept / FILE)


def keep(
    output: Output,
    arguments: argparse.Namespace,
    challenge: "Challenge",
    recipe: "Recipe",
    found: "Answers",
) -> dict[str, Any]:
    """Write the model where --keep asks for it; return its figures."""
    if arguments.kept is None:
        return {}
    from rosenblatt import __version__
    from rosenblatt.challenge import ledger
    from rosenblatt.pipeline.model import FILE, Model
    from rosenblatt.report.versions import versions

    runs = ledger.read(submissions(arguments) / "ledger.csv")
    own = [run for run in runs if (run.recipe, run.data) == (recipe.digest, challenge.digest)]
    scores = [None, *(run.validation for run in own if run.validation is not None)]
    about = {"rosenblatt": __version__, "versions": versions(), "score": scores[-1]}
    path = arguments.kept / FILE
    size = Model.of(challenge, recipe, found, about).save(path)
    output.say(f"{path}: the model, {size / 1e6:.1f} MB; `predict {path} FILE` asks it")
    return {"model": str(path), "model_bytes": size}


def predict(
    output: Output,
    challenge: "Challenge",
    recipe: "Recipe",
    where: "Workers",
    keep: bool = False,
) -> "Answers":
    """Train all members under a progress bar, then look for banned libraries among what it used."""
    from rosenblatt import pipeline
    from rosenblatt.challenge.audit import check_loaded

    count = len(list(pipeline.jobs(recipe)))
    output.say(f"{challenge.name}: training {count} members of recipe {recipe.name!r} ...")
    with phase(
        f"training {recipe.name!r}", pipeline.units_to_predict(challenge, recipe)
    ) as progress:
        found = pipeline.predict(challenge, recipe, where, progress, keep=keep)
    if found.cuts is not None:
        output.say(f"cuts     {cuts_in_words(challenge, found.cuts)}")
    findings = check_loaded().findings
    if findings:
        raise UserError(
            f"the run loaded a banned library: {findings[0]}; `audit` names what pulls it in."
        )
    return found


def cuts_in_words(challenge: "Challenge", cuts: tuple[float, ...]) -> str:
    """Return what was chosen for the metric on votes of models that had not seen the rows."""
    from rosenblatt.metrics import find_metric

    metric, numbers = find_metric(challenge.metric).title, ", ".join(f"{cut:.4g}" for cut in cuts)
    if len(challenge.classes) == 2:
        what = f"class {challenge.classes[1]!r} from a share of {numbers} on"
    else:
        what = f"mean places are rounded up at {numbers}"
    return f"{what}: best for {metric} on rows that the models had not seen"


def check_ledger(folder: Path) -> None:
    """Raise UserError, before a training, where its line could not be noted after it."""
    from rosenblatt.challenge import ledger
    from rosenblatt.challenge.lock import has_locks

    path = folder / "ledger.csv"
    ledger.read(path)
    check_writable(path)
    if not has_locks(path):
        warn(
            f"note: the file system of {path} has no locks: do not let two commands write to it at "
            "once, or a line or a hand-in may be lost"
        )


def conditions(run: "Run") -> list[str]:
    """Return what a reader should know of how the run of a ledger's line was made."""
    if not run.folder:
        return [
            "the line of its run does not say whether it was --quick; it is from an earlier version"
        ]
    means = {
        "--quick": "it was a trial run (--quick): a tenth of the epochs, one member of a kind",
        "--budget": "it was cut to a time (--budget): another computer would choose other members",
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
    challenge: "Challenge",
    recipe: "Recipe",
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


def figures(challenge: "Challenge", recipe: "Recipe", seconds: float) -> dict[str, Any]:
    """Return what every run says of itself; sources: the SHA-256 of what decides votes."""
    from rosenblatt.pipeline import modules_of
    from rosenblatt.report.versions import processor, versions
    from rosenblatt.sources import sources_digest_of

    return {
        "challenge": challenge.name,
        "data_digest": challenge.digest,
        "recipe": recipe.name,
        "recipe_digest": recipe.digest,
        "seed": recipe.seed,
        "seconds": round(seconds, 3),
        "versions": versions(),
        "sources": sources_digest_of(["rosenblatt.pipeline.ensemble", *modules_of(recipe)]),
        "cpu": processor(),
    }
