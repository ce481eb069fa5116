"""Mutations of a file's dress: headers, quotes, marks, line ends, containers, damage to bytes."""

import random

from tests.oracle.damage import damage
from tests.oracle.formats import Draft, packed
from tests.oracle.notes import DOWNLOAD, HARMLESS, Note


def lost_header(draft: Draft, draw: random.Random) -> Note | None:
    """The header of one file or of all is gone."""
    sheets = [sheet for sheet in draft.sheets.values() if sheet.header is not None]
    if not sheets:
        return None
    for sheet in sheets if draw.random() < 0.3 else [draw.choice(sheets)]:
        sheet.header = None
    return Note(wrong=DOWNLOAD)


def found_header(draft: Draft, draw: random.Random) -> Note | None:
    """One or both files of features get a header: words, numbers that count, letters of DNA."""
    sheets = draft.like("train", "test")
    if draft.edition == "matrices":
        return None
    kind = draw.choice(["words", "from 0", "from 1", "years", "letters"])
    for sheet in sheets if draw.random() < 0.7 else [draw.choice(sheets)]:
        features = sheet.features()
        names = {
            "words": [f"col_{place}" for place in range(len(features))],
            "from 0": [str(place) for place in range(len(features))],
            "from 1": [str(place + 1) for place in range(len(features))],
            "years": [str(1990 + place) for place in range(len(features))],
            "letters": ["ACGTN"[place % 5] * (1 + place // 5) for place in range(len(features))],
        }[kind]
        header = sheet.header or [
            {"id": "Id", "label": "label"}.get(role, "") for role in sheet.roles
        ]
        for place, name in zip(features, names, strict=True):
            header[place] = name
        sheet.header = header
    told = draw.random() < 0.25
    if told and len(draft.headed()) == len(sheets):
        draft.settings.insert(0, "header = true")
        return Note(harmless=draft.edition != "dna")
    return Note(wrong=DOWNLOAD)


def told_headerless(draft: Draft, draw: random.Random) -> Note | None:
    """challenge.toml says that the files have no header."""
    if draft.headed():
        return None
    draft.settings.insert(0, "header = false")
    return HARMLESS


def spaces_in_header(draft: Draft, draw: random.Random) -> Note | None:
    """The names of one file or of all have spaces around them, as after ", "."""
    sheets = [sheet for sheet in draft.sheets.values() if sheet.header is not None]
    if not sheets:
        return None
    for sheet in sheets if draw.random() < 0.5 else [draw.choice(sheets)]:
        header = sheet.header or []
        sheet.header = [header[0], *(f" {name}" for name in header[1:])]
    return HARMLESS


def quotes(draft: Draft, draw: random.Random) -> Note | None:
    """Every cell of a file is in quotes."""
    draw.choice([sheet for sheet in draft.sheets.values() if sheet.mark != " "]).quoted = True
    return HARMLESS


def lines(draft: Draft, draw: random.Random) -> Note | None:
    """A file has other line ends, a byte-order mark, blank lines, or a mark after each row."""
    sheet = draft.any(draw)
    kind = draw.choice(["\r\n", "\r", "mark", "blank", "comma"])
    if kind == "mark":
        sheet.start = "\ufeff"
    elif kind == "blank":
        sheet.blank = draw.randint(1, 5)
    elif kind == "comma":
        sheet.trailing = "" if sheet.mark == " " else sheet.mark
    else:
        sheet.ending = kind
    return HARMLESS


def semicolons(draft: Draft, draw: random.Random) -> Note | None:
    """One file or all have semicolons, and commas or points in their numbers, or both."""
    sheets = [sheet for sheet in draft.sheets.values() if sheet.mark == ","]
    kind = draw.choice(["points", "commas", "mixed"])
    for sheet in sheets if draw.random() < 0.5 else [draw.choice(sheets)]:
        sheet.mark = ";" if len(sheet.roles) > 1 else ","
        for row in sheet.rows:
            for place in sheet.features() if draft.edition != "dna" else ():
                if kind == "commas" or (kind == "mixed" and draw.random() < 0.5):
                    row[place] = row[place].replace(".", ",")
    return Note(harmless=kind != "mixed", wrong=DOWNLOAD)


def containers(draft: Draft, draw: random.Random) -> Note | None:
    """Files are packed one by one, or all together as Kaggle gives them."""
    if draw.random() < 0.4:
        draft.bundle = True
        return HARMLESS
    sheets = [*draft.sheets.values()]
    for sheet in sheets if draw.random() < 0.4 else [draw.choice(sheets)]:
        sheet.packed = draw.choice([".gz", ".zip"])
    return HARMLESS


def second_copy(draft: Draft, draw: random.Random) -> Note | None:
    """A file is there twice, packed and not, with the same content or with another."""
    sheet = draft.any(draw)
    content = sheet.content()[0]
    same = draw.random() < 0.5
    if not same:
        content = content.replace(b"1", b"2")
    ending = draw.choice([".gz", ".zip"])
    draft.others[sheet.name + ending] = packed(sheet.name + ending, content)
    return Note(harmless=same, words=(sheet.name,), wrong=DOWNLOAD)


def case_of_names(draft: Draft, draw: random.Random) -> Note | None:
    """A file's name is in capitals."""
    sheet = draft.any(draw)
    sheet.name = sheet.name.upper() if draw.random() < 0.5 else sheet.name.lower()
    return HARMLESS


def ragged(draft: Draft, draw: random.Random) -> Note | None:
    """A row has a cell less or more."""
    sheet = draft.any(draw)
    row = draw.choice(sheet.rows)
    if len(row) > 1 and draw.random() < 0.5:
        del row[draw.randrange(len(row))]
    else:
        row.insert(draw.randint(0, len(row)), draw.choice(["1", "0.5"]))
    return Note(sheet=sheet, row=row)


def cut_short(draft: Draft, draw: random.Random) -> Note | None:
    """A file ends in the middle of a row."""
    sheet = draft.any(draw)
    keep = draw.randrange(1, len(sheet.rows))
    sheet.rows[keep:] = []
    row = sheet.rows[-1]
    if len(row) > 1:
        del row[draw.randrange(1, len(row)) :]
    return Note()


def other_encoding(draft: Draft, draw: random.Random) -> Note | None:
    """A file is saved as UTF-16, or as Latin-1 with an accent."""
    sheet = draft.any(draw)
    if sheet.packed or draft.bundle:
        return None
    latin = draw.random() < 0.5 and sheet.mark != " "
    content = sheet.content()[0].decode("utf-8", "replace")
    content = content.replace(sheet.rows[0][-1], "é", 1) if latin else content
    draft.others[sheet.name] = content.encode("latin-1" if latin else "utf-16", "replace")
    return Note(words=(sheet.name,), wrong=DOWNLOAD)


def damaged_bytes(draft: Draft, draw: random.Random) -> Note | None:
    """Bytes of a file are flipped, cut out, repeated, spliced in, or saved in another encoding."""
    sheet = draft.any(draw)
    name = sheet.name + draw.choice(["", "", ".gz", ".zip"])
    content = packed(name, sheet.content()[0])
    sheet.packed = name.removeprefix(sheet.name)
    draft.others[name] = damage(content, draw)
    return Note() if not draft.bundle else None


def line_in_quotes(draft: Draft, draw: random.Random) -> Note | None:
    """A class is spelled with a comma, a quote or a line break."""
    sheet = draft.labelled(draw)
    place = sheet.roles.index("label")
    old = sheet.rows[0][place]
    new = draw.choice(["a, b", 'say "a"', "first\nsecond", "semi;colon"])
    others = {row[place] for other in draft.like("labels") for row in other.rows}
    others |= {row[place] for row in sheet.rows}
    if any(other.lstrip("-").isdigit() for other in others):
        return None
    for row in sheet.rows:
        row[place] = new if row[place] == old else row[place]
    for sample in draft.like("sample"):
        for row in sample.rows:
            row[1] = new if row[1] == old else row[1]
    return Note(harmless=sheet.header is not None)


def letters_as_kind(draft: Draft, draw: random.Random) -> Note | None:
    """The names of a table are letters of DNA, and challenge.toml says that it is a table."""
    if not draft.table or len(draft.headed()) < 2:
        return None
    for sheet in draft.headed():
        names = iter("ACGTNRYS")
        assert sheet.header is not None
        for place in sheet.features():
            sheet.header[place] = next(names) * 2
    return HARMLESS


def kind_told(draft: Draft, draw: random.Random) -> Note | None:
    """challenge.toml tells what the files are, right or wrong."""
    if draft.settings:
        return None
    kind = draw.choice(["image", "dna"] if draft.edition == "dna" else ["image", "table", "dna"])
    draft.settings.insert(0, f'kind = "{kind}"')
    return Note(wrong=DOWNLOAD)
