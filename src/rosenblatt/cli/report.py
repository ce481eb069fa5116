"""`report`: two pages on the final submission, as a PDF."""

import argparse
import time
from pathlib import Path

from rosenblatt.cli.folds import add_folds, make_folds
from rosenblatt.cli.loading import load
from rosenblatt.cli.output import Output, add_json_option
from rosenblatt.cli.project import final_file
from rosenblatt.cli.workers import add_workers, workers
from rosenblatt.phases import phase


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Add the command `report`."""
    parser = subparsers.add_parser(
        "report",
        help="make the report on the final submission",
        description="Make report/report.pdf, at most two A4 pages, from your words in "
        "report/text.md, the look in report/template.typ, and the measured evidence. --measure "
        "first cross-validates the final recipe and watches one of its networks learn. A text is "
        "about one recipe on one challenge, and refused for another; --new begins one.",
        epilog="example: %(prog)s --measure",
    )
    parser.add_argument(
        "--measure", action="store_true", help="train first: about --folds times a submission"
    )
    parser.add_argument(
        "--new",
        action="store_true",
        help="start a new report/text.md from what was measured; the earlier one is kept beside it",
    )
    parser.add_argument(
        "--html", action="store_true", help="also make report/report.html, to explore in a browser"
    )
    add_folds(parser)
    add_workers(parser)
    add_json_option(parser)
    parser.set_defaults(run=report)


def report(arguments: argparse.Namespace) -> int:
    """Measure where asked, make the PDF, and return 0."""
    from rosenblatt.challenge import ledger
    from rosenblatt.challenge.recipe import read_final, read_recipe
    from rosenblatt.report.evidence import load_evidence
    from rosenblatt.report.page import write_page
    from rosenblatt.report.pdf import build_report, check_evidence, check_text
    from rosenblatt.report.starter import begin_text

    output = Output(arguments.json)
    final_path, folder = final_file(arguments), arguments.project / "report"
    recipe, final = read_recipe(final_path), read_final(final_path)
    challenge = load(output, arguments.project / final.challenge)
    path, text = folder / "evidence.npz", folder / "text.md"
    if not arguments.new:
        check_text(text, challenge, recipe)  # before the training
    if arguments.measure:
        _measure(output, arguments, path, challenge, recipe)
        output.say(f"{path}: measured")
    evidence = load_evidence(path)
    if arguments.new:
        check_evidence(folder, challenge, recipe, evidence)
        kept = begin_text(text, challenge, recipe, evidence)
        output.say(f"{text}: started" + (f"; the earlier text is {kept}" if kept else ""))
    with phase("typesetting"):
        made = build_report(folder, challenge, recipe, evidence)
    output.say(f"{made.path}: {made.pages} pages A4, {made.size / 1000:.0f} kB")
    if made.questions:
        output.say(f"{text}: {open_questions(made.questions)}")
    if arguments.html:
        page = folder / "report.html"
        write_page(page, challenge, evidence, ledger.read(final_path.with_name("ledger.csv")))
        output.say(f"{page}: open it in a browser")
    output.figures(
        {
            "file": str(made.path),
            "pages": made.pages,
            "bytes": made.size,
            "questions": list(made.questions),
        }
    )
    return 0


def open_questions(lines: tuple[int, ...]) -> str:
    """Return in words where a report's text has questions that its author has not answered."""
    places = ", ".join(map(str, lines))
    return f"{len(lines)} open questions, in lines {places}: answer or remove each"


def _measure(output: Output, arguments: argparse.Namespace, path: Path, challenge, recipe) -> None:
    """Cross-validate the recipe and keep the evidence at `path`."""
    from rosenblatt import pipeline
    from rosenblatt.data.text import short
    from rosenblatt.files import check_writable
    from rosenblatt.report.evidence import Evidence, measure, save_evidence

    check_writable(path)
    folds = make_folds(output, arguments, challenge, [recipe])
    start = time.perf_counter()
    units = pipeline.units(recipe, len(challenge.target), arguments.folds, folds.first)
    with phase(f"training {recipe.name!r}", units) as progress:
        found = measure(
            folds.challenge, recipe, folds.fold[0], folds.first, workers(arguments), progress
        )
    seconds = round(time.perf_counter() - start, 1)
    split = {"stratified": "stratified folds", "blocks": "blocks of neighbouring rows"}
    save_evidence(
        path,
        Evidence(
            recipe=recipe.digest,
            data=challenge.digest,
            split=split.get(arguments.split, f"folds by {short(arguments.split)}"),
            seconds=seconds,
            **found,
        ),
    )
