"""Mutations of values, labels and sample submissions."""

import random

from tests.oracle.formats import Draft
from tests.oracle.notes import DOWNLOAD, HARMLESS, Note

MISSING = ("", "NA", "NaN", "nan", "NULL", "null", "None", "?", "N/A")
REFUSED = ("1e39", "-1e39", "inf", "-inf", "Infinity", "0x10", "1_000", "１", "3,4", "1 2", "red",
           "1e400", "--1", "1.2.3", "٣")  # fmt: skip
TAKEN = ("+5", ".5", "5.", "1e-60", "1E2", " 7 ", "0007", "-0", "3.4e38")


def _feature(draft: Draft, draw: random.Random, text: str) -> Note | None:
    """Write a text into one feature of one row."""
    if draft.edition == "dna":
        return None
    sheet = draft.features(draw)
    row = draw.choice(sheet.rows)
    row[draw.choice(sheet.features())] = text
    return Note(sheet=sheet, row=row)


def missing_value(draft: Draft, draw: random.Random) -> Note | None:
    """A feature has no value."""
    text = draw.choice(MISSING)
    if draft.edition == "matrices" and not text:
        return None
    note = _feature(draft, draw, text)
    if note:
        note.wrong = DOWNLOAD
    return note


def refused_value(draft: Draft, draw: random.Random) -> Note | None:
    """A feature holds what is no finite number of float32."""
    text = draw.choice(REFUSED)
    if draft.edition == "matrices" and " " in text:
        return None
    return _feature(draft, draw, text)


def taken_value(draft: Draft, draw: random.Random) -> Note | None:
    """A feature is a number in another dress."""
    text = draw.choice(TAKEN)
    note = _feature(draft, draw, text.strip() if draft.edition == "matrices" else text)
    return HARMLESS if note else None


def sentinel(draft: Draft, draw: random.Random) -> Note | None:
    """Missing values of a table's column are coded as -999 or so."""
    if not draft.table:
        return None
    code, sheet = draw.choice(["-999", "-9999", "9999", "99999", "-999.0"]), draft.sheets["train"]
    place = draw.choice(sheet.features())
    for row in draw.sample(sheet.rows, 4):
        row[place] = code
    return Note(harmless=True, said=code.removesuffix(".0"))


def damaged_letter(draft: Draft, draw: random.Random) -> Note | None:
    """A sequence holds what is no letter of DNA, or nothing."""
    if draft.edition != "dna":
        return None
    sheet = draft.features(draw)
    row = draw.choice(sheet.rows)
    place = sheet.features()[0]
    cell = row[place]
    row[place] = draw.choice(["AC!T" + cell, "", cell + "J", "A C", "12", "É" + cell])
    return Note(sheet=sheet, row=row)


def one_number_in_two_dresses(draft: Draft, draw: random.Random) -> Note | None:
    """Some or all labels are written as 1.0, as pandas does, or as 1e0."""
    sheet = draft.labelled(draw)
    place = sheet.roles.index("label")
    if not all(row[place].lstrip("-").isdigit() for row in sheet.rows):
        return None
    share = draw.choice([0.1, 0.5, 1.0])
    for row in sheet.rows:
        if draw.random() <= share:
            row[place] += draw.choice([".0", "e0", ".00"]) if share < 1 else ".0"
    return HARMLESS


def typo(draft: Draft, draw: random.Random) -> Note | None:
    """One label is mistyped or missing."""
    sheet = draft.labelled(draw)
    row = draw.choice(sheet.rows)
    place = sheet.roles.index("label")
    old = row[place]
    numeric = old.lstrip("-").isdigit()
    if numeric:
        new = draw.choice(["l", "O", "１", old + old, "0.5", "x", *MISSING, "1_0", "nan"])
    else:
        new = draw.choice(
            [old.upper(), old.title(), old + "s", "５", "7", *MISSING, old + "\u3000"]
        )
    row[place] = new
    if new.strip() == old or new == "":
        return Note(wrong=DOWNLOAD) if new else Note(sheet=sheet, row=row, wrong=DOWNLOAD)
    alone = not numeric and new == old + "s"
    said = new if alone else ""
    plain = new == old + old or alone or new == "0.5"
    return Note(sheet=None if plain else sheet, row=row, said=said, wrong=DOWNLOAD)


def spaces_around_labels(draft: Draft, draw: random.Random) -> Note | None:
    """Some or all labels have a space before or behind them."""
    sheet = draft.labelled(draw)
    place, share = sheet.roles.index("label"), draw.choice([0.2, 1.0])
    for row in sheet.rows:
        if draw.random() <= share:
            row[place] = draw.choice([f" {row[place]}", f"{row[place]} "]) if share < 1 else (
                f" {row[place]}")  # fmt: skip
    return Note(harmless=share == 1.0, wrong=DOWNLOAD)


def regression(draft: Draft, draw: random.Random) -> Note | None:
    """The labels are quantities."""
    whole = draw.random() < 0.5
    for sheet in draft.like("train", "labels"):
        place = sheet.column("label")
        if place is not None:
            for row in sheet.rows:
                row[place] = str(draw.randrange(100000)) if whole else f"{draw.random() * 9:.2f}"
    return Note(cure=("classes",), wrong=DOWNLOAD)


def listed_classes(draft: Draft, draw: random.Random) -> Note | None:
    """challenge.toml lists the classes: those there are, more, or too few."""
    found: set[str] = set()
    for sheet in draft.like("train", "labels"):
        place = sheet.column("label")
        found |= {row[place] for row in sheet.rows} if place is not None else set()
    names = sorted(found)
    draw.shuffle(names)
    kind = draw.choice(["all", "more", "fewer"])
    names = [*names, "77"] if kind == "more" else ["77", *names[1:]] if kind == "fewer" else names
    draft.settings.insert(0, f"classes = [{', '.join(repr(name) for name in names)}]")
    cure = ("challenge.toml", "classes")
    return Note(harmless=kind != "fewer", cure=cure if kind == "fewer" else (), wrong=DOWNLOAD)


def sample_in_another_order(draft: Draft, draw: random.Random) -> Note | None:
    """The sample submission has the test rows in another order."""
    if "sample" not in draft.sheets:
        return None
    draw.shuffle(draft.sheets["sample"].rows)
    return HARMLESS


def sample_of_placeholders(draft: Draft, draw: random.Random) -> Note | None:
    """The label column of the sample submission holds anything."""
    if "sample" not in draft.sheets:
        return None
    sign = draw.choice(["?", "0.5", "x", "", "-1", "NaN", "1.0"])
    for row in draft.sheets["sample"].rows:
        row[1] = sign
    return Note(harmless=True)


def names_of_the_sample(draft: Draft, draw: random.Random) -> Note | None:
    """The sample submission has a header of its own, with spaces."""
    if "sample" not in draft.sheets:
        return None
    key, label = draft.sheets["sample"].header or ["", ""]
    draft.sheets["sample"].header = [f"{key} ", f" {label}"]
    return HARMLESS


def sample_of_other_ids(draft: Draft, draw: random.Random) -> Note | None:
    """The sample submission counts from elsewhere."""
    if "sample" not in draft.sheets:
        return None
    for row in draft.sheets["sample"].rows:
        row[0] = str(int(row[0]) + 3)
    return Note()
