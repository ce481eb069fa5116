"""The report: text, figures and template typeset to a PDF of at most two pages, and checked."""

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.data.text import check_file
from rosenblatt.errors import UserError
from rosenblatt.files import write_atomic
from rosenblatt.report.evidence import Evidence
from rosenblatt.report.figures import draw_figures
from rosenblatt.report.markdown import Text, read_head, read_text
from rosenblatt.report.measured import header, results, values

PAGES = 2
A4 = (595.28, 841.89)  # points
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # a date of its own would change the bytes each time
RESULTS = "results"  # the name of the table, among those of the figures
MAIN = (
    '#import "/template.typ": figures, report\n#show: report.with(title: [{}], team: ({},))\n{}\n'
)


@dataclass(frozen=True)
class Report:
    """What was made: the file, its pages and bytes, the names of the team, in Typst, and the lines
    of the text with questions that are still open."""

    path: Path
    pages: int
    size: int
    team: tuple[str, ...]
    questions: tuple[int, ...]


def check_text(path: Path, challenge: Challenge, recipe: Recipe) -> None:
    """Raise UserError where a report's text is about other data or another recipe, with the cure.

    Its sentences were true of them alone. Raises also as read_head.
    """
    head = read_head(path)
    if not challenge.digest.startswith(head["data"]):
        raise UserError(
            f"{path}: is about other data ({head['data'][:8]}) than the final submission "
            f"({challenge.digest[:8]}); start a new one with `report --new`, which keeps this text."
        )
    if not recipe.digest.startswith(head["recipe"]):
        raise UserError(
            f"{path}: is about another recipe ({head['recipe'][:8]}) than the final submission's. "
            f"Read it through: where each sentence is true of that one, write `recipe: "
            f"{recipe.digest[:16]}` in line 4; or start a new one with `report --new`."
        )


def check_evidence(folder: Path, challenge: Challenge, recipe: Recipe, evidence: Evidence) -> None:
    """Raise UserError where evidence is of another recipe or other data."""
    if (evidence.recipe, evidence.data) != (recipe.digest, challenge.digest):
        raise UserError(
            f"{folder}: its evidence is of another recipe or other data; run `report --measure`."
        )


def build_report(folder: Path, challenge: Challenge, recipe: Recipe, evidence: Evidence) -> Report:
    """Make folder/report.pdf from folder/text.md, template.typ and the evidence.

    Figures and tables are left in folder/build. The same inputs give the same bytes.
    Raises UserError: evidence or a text of another recipe or other data, a fault in the text or
    template, more than two pages (saying what overflows), pages that are not A4.
    """
    check_text(folder / "text.md", challenge, recipe)
    check_evidence(folder, challenge, recipe, evidence)
    build, challenge = folder / "build", evidence.judged(challenge)
    names = draw_figures(build, challenge, evidence)
    rows = [header(challenge), *(result.cells() for result in results(challenge, evidence))]
    write_atomic(build / f"{RESULTS}.json", json.dumps(rows))
    text = read_text(folder / "text.md", values(challenge, recipe, evidence), [*names, RESULTS])
    content = typeset(folder, text)
    try:
        pages = check_pages(content)
    except UserError as error:
        draft = build / "draft.pdf"
        write_atomic(draft, content)
        raise UserError(f"{folder / 'text.md'}: {error} See {draft}.") from error
    write_atomic(folder / "report.pdf", content)
    return Report(folder / "report.pdf", pages, len(content), text.team, text.questions)


def typeset(folder: Path, text: Text) -> bytes:
    """Return the PDF of a text in the folder's template. Raises UserError with Typst's message."""
    import typst

    team = ", ".join(f"[{name}]" for name in text.team)
    main = folder / "build" / "main.typ"
    check_file(folder / "template.typ")
    write_atomic(main, MAIN.format(text.title, team, text.body))
    try:
        return typst.compile(str(main), root=str(folder), ignore_system_fonts=True, timestamp=EPOCH)
    except RuntimeError as error:
        raise UserError(f"{folder}: Typst cannot set the report: {error}") from error


def check_pages(content: bytes) -> int:
    """Return the number of pages. Raises UserError: too many, or of another size than A4."""
    from pypdf import PdfReader

    pages = PdfReader(io.BytesIO(content)).pages
    if len(pages) > PAGES:
        over = [line for page in pages[PAGES:] for line in page.extract_text().splitlines()]
        over = [line.strip() for line in over if len(line.split()) > 1]
        start = over[0][:60] if over else "a figure"
        raise UserError(
            f"the report has {len(pages)} pages, {PAGES} are allowed: it overflows by {len(over)} "
            f"lines, from {start!r} on. Shorten the text or drop a figure."
        )
    for number, page in enumerate(pages, 1):
        size = float(page.mediabox.width), float(page.mediabox.height)
        if max(abs(size[0] - A4[0]), abs(size[1] - A4[1])) > 1:
            raise UserError(f"page {number} is {size[0]:.0f} x {size[1]:.0f} points, not A4.")
    return len(pages)
