"""A text to begin a report with: each sentence is true of the run at hand, or asks its author."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.recipe import Recipe, changed
from rosenblatt.challenge.target import Values
from rosenblatt.errors import UserError
from rosenblatt.files import write_atomic
from rosenblatt.program import program_file
from rosenblatt.report.evidence import Evidence
from rosenblatt.report.markdown import read_head

HEAD = """title: The challenge {{challenge}}, by recipe {{recipe}}
team: ?
data: {data}
recipe: {recipe}

<!-- A line that begins with "? " asks you: write your answer in its place, or remove it. The team
has one or two names, a comma between. Names in braces become measured values, and ![caption](name)
a figure or the table. Formulas stand between dollar signs, as Typst writes them. -->
"""
SAMPLES = {
    "image": "images of {shape} pixels",
    "dna": "sequences of up to {shape} letters",
    "numbers": "rows of {shape} numbers",
    "table": "rows of a table of {shape} columns",
    "graph": "graphs",
}
COMBINED = {
    "mean": "The members' probabilities are added, each times its weight; a member that has none "
    "adds its choice. The answer is the class with the most.",
    "vote": "The answer is the class that most members choose, each times its weight.",
    "weights": "The members' weights were searched on votes of models that had not seen the row.",
    "stack": "A logistic regression combines the members' votes; it learned from votes of models "
    "that had not seen the row.",
}
COMBINED_VALUES = {
    "mean": "The answer is the mean of the members' values, by their weights.",
    "weights": "The answer is the mean of the members' values, by weights that were searched on "
    "values of models that had not seen the row.",
}
SCALED = {
    "unit": "What goes in is divided by the largest absolute training value.",
    "standardise": "From what goes in, each channel's mean over the training rows is subtracted, "
    "and the rest divided by its standard deviation.",
}


def begin_text(path: Path, challenge: Challenge, recipe: Recipe, evidence: Evidence) -> Path | None:
    """Write the starter to `path`; one that stood there gets another name, which is returned.

    A template that is not yet beside it is put there.
    Raises UserError where that name is taken, or the place cannot be written.
    """
    kept = None
    if path.exists():
        kept = path.with_name(f"text-{_about(path)}.md")
        if kept.exists():
            raise UserError(f"{kept}: is there already, so {path} would be lost; move one away.")
        write_atomic(kept, path.read_bytes())
    write_atomic(path, starter(challenge, recipe, evidence))
    template = path.with_name("template.typ")
    if not template.exists():
        write_atomic(template, program_file("report/template.typ").read_bytes())
    return kept


def _about(path: Path) -> str:
    try:
        head = read_head(path)
        return f"{head['data'][:8]}-{head['recipe'][:8]}"
    except UserError:  # of an earlier edition, or somebody's own notes: kept as well
        return "earlier"


def starter(challenge: Challenge, recipe: Recipe, evidence: Evidence) -> str:
    """Return the text; its figures are names in braces, which the report fills in."""
    challenge = evidence.judged(challenge)
    head = HEAD.format(data=challenge.digest[:16], recipe=recipe.digest[:16])
    parts = [
        *_problem(challenge, evidence),
        *_method(challenge, recipe),
        *_results(challenge, evidence),
    ]
    parts += [
        "# What we learned",
        "? What would you do otherwise, and which figure above says so?",
        "# References",
        "? Whose ideas did you use? One line each: authors, title, place, year.",
    ]
    return head + "".join(f"\n{part}\n" for part in parts)


def _problem(challenge: Challenge, evidence: Evidence) -> Iterator[str]:
    samples = SAMPLES.get(challenge.kind, "samples")
    yield "# The problem"
    if isinstance(challenge.target, Values):
        asked = "with their {target}, and asks for that of {test_rows} more, judged by {metric}."
    else:
        asked = "of {classes} classes, and asks for the class of {test_rows} more"
        asked += "." if challenge.metric == "accuracy" else ", judged by {metric}."
    yield f"The challenge {{challenge}} gives {{rows}} labelled {samples}, {asked}"
    if challenge.train_sets is not None:
        sets = len(set(challenge.train_sets.tolist()))
        yield f"The rows come in {sets} sets, each a task of its own."
    yield "? What is to be told apart here, and what does the challenge allow?"
    if len(evidence.rows) < len(evidence.fold):
        yield "The last {judged} in time were judged by models that had not seen them: {split}."
    else:
        yield (
            "Each training row was judged by models that had not seen it: {split}, {folds} of them."
        )
    yield "? In what are the rows to predict unlike the training rows, and do these folds show it?"


def _method(challenge: Challenge, recipe: Recipe) -> Iterator[str]:
    yield "# The method"
    yield "The recipe trains these members; settings that are not named are at their defaults."
    yield "\n".join(f"- {_member(member)}" for member in recipe.members)
    several = sum(member.count for member in recipe.members) > 1
    combined = COMBINED_VALUES if isinstance(challenge.target, Values) else COMBINED
    sentences = [combined[recipe.combine]] * several
    if challenge.kind == "image":
        sentences.append(SCALED[recipe.features.scale])
    if sentences:
        yield " ".join(sentences)
    if recipe.pseudo_labels:
        yield (
            f"Rows to predict on which at least {recipe.pseudo_labels:g} of the votes agree count "
            "as labelled in a second training."
        )
    if recipe.student:
        student = _member(recipe.student)
        yield f"A student learns what the members say together, and answers: {student}."
    yield "? What is the idea of each member, and its formula? Why these; what did you try first?"


def _member(member: Any) -> str:
    """Return a member's kind, how many there are, and the settings that are not the defaults."""
    settings = changed(member)
    count, kind = settings.pop("count", 1), settings.pop("kind", "network")
    words = [f"`{name} = {value}`" for name, value in _flat(settings)]
    return f"{count} × {kind.replace('_', ' ')}" + (f": {', '.join(words)}" if words else "")


def _flat(settings: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for place, one in enumerate(value, 1):
                yield from _flat(one, f"{before}{name} {place}: ")
        else:
            yield f"{before}{name}", json.dumps(value).replace("`", "'")


def _results(challenge: Challenge, evidence: Evidence) -> Iterator[str]:
    yield "# Results"
    of_accuracy = challenge.metric == "accuracy"
    yield (
        f"![{'Accuracy' if of_accuracy else '{metric}'} on rows that the models had not seen, ± "
        "its standard error over the folds, and where 95 % of scores on {private_rows} rows drawn "
        "as these would fall.](results)"
    )
    sentence = "All together have a {metric} of {score} ± {error}."
    if of_accuracy:
        sentence = "All together have {score} ± {error} % of the rows right: "
        sentence += "{wrong} of {judged} are wrong."
    if len(evidence.kinds) > 1:
        sentence += (
            " The best line above it in the table is that of {best}, {best_score}"
            f"{' %' * of_accuracy}; all together are better by {{gain}}{' points' * of_accuracy}."
        )
    if isinstance(challenge.target, Values):
        yield sentence
        yield "![Predicted against true values, and what is left over.](predicted)"
        yield "? For which rows is most left over, and what do they have in common?"
    else:
        yield from _mistakes(challenge, evidence, sentence)
    if evidence.explained:
        yield (
            "![What is lost as a column is permuted on rows not trained on"
            + ", by how much numbers count in the learned metric"
            * bool(evidence.explained["metric"])
            + ", and the mean answer along the columns that count most.](columns)"
        )
        yield "? Are these the columns that you expected, and is one too good to be true?"


def _mistakes(challenge: Challenge, evidence: Evidence, sentence: str) -> Iterator[str]:
    """Yield the sentence with the most frequent mistake, and the figures of classes."""
    wrong = evidence.said(challenge) != challenge.labels
    if wrong.any():
        sentence += (
            " No mistake is more frequent than {confused_said} in place of {confused_true}, on "
            "{confused_rows} of the rows."
        )
    yield sentence
    curves = "![Learning of one network; held-out rows are only looked at.](curves) "
    yield (
        curves * bool(evidence.curve)
        + "![True against predicted class, on rows not trained on.](confusion)"
    )
    pictures = []
    if evidence.filters.size:
        pictures.append("![Filters of its first layer; grey is 0.](filters)")
    if challenge.kind == "image" and wrong.any():
        pictures.append("![The mistakes made with most confidence.](mistakes)")
    if pictures:
        yield " ".join(pictures)
    yield "? What do the mistakes have in common?"
