"""Mutations of Ids and columns: what people, spreadsheets and Kaggle do to a challenge's files.

A mutation changes a draft in place and returns a Note, or None where it does not apply.
"""

import random
from collections.abc import Callable

from tests.oracle.formats import Draft
from tests.oracle.notes import DOWNLOAD, HARMLESS, Note

# --- the Ids


def damaged_id(draft: Draft, draw: random.Random) -> Note | None:
    """One Id of a file that is joined by Id becomes another."""
    sheets = [sheet for sheet in draft.sheets.values() if "id" in sheet.roles]
    sheet = draw.choice(sheets)
    row, place = draw.choice(sheet.rows), sheet.roles.index("id")
    old = row[place]
    row[place] = draw.choice(
        [old + "0", old + old, "x" + old, old + ".5", old[:-1] + "_", "70" + old]
    )
    joined = sheet in draft.like("labels", "sample") or draft.edition in ("course", "dna")
    if not joined:
        return Note()
    return Note(sheet=sheet, row=row, words=(old, row[place]))


def dressed_ids(draft: Draft, draw: random.Random) -> Note | None:
    """All Ids of the label file, or of all files, are written in another way."""
    dress: Callable[[int], str] = draw.choice([
        lambda n: f"{n}.0", lambda n: f"{n:.3e}", lambda n: f"{n:04d}", lambda n: str(-n),
        lambda n: str(10**20 + n), lambda n: f"img_{n}", lambda n: str(n + 7),
    ])  # fmt: skip
    sheets = draft.like("labels") if draw.random() < 0.5 else [*draft.sheets.values()]
    for sheet in sheets:
        place = sheet.column("id")
        for row in sheet.rows if place is not None else ():
            row[place] = dress(int(row[place]))  # type: ignore[index]
    return Note(wrong=DOWNLOAD) if sheets else None


def an_id_twice(draft: Draft, draw: random.Random) -> Note | None:
    """One row bears the Id of another."""
    sheets = [sheet for sheet in draft.sheets.values() if "id" in sheet.roles]
    sheet = draw.choice(sheets)
    place = sheet.roles.index("id")
    first, second = draw.sample(range(len(sheet.rows)), 2)
    sheet.rows[second][place] = sheet.rows[first][place]
    row = sheet.rows[max(first, second)]
    return Note(sheet=sheet, row=row) if draft.edition in ("course", "kaggle") else Note()


def swapped_columns_of_labels(draft: Draft, draw: random.Random) -> Note | None:
    """The label file has its label first."""
    sheets = [sheet for sheet in draft.like("labels") if sheet.header]
    for sheet in sheets:
        sheet.reorder([1, 0])
    return HARMLESS if sheets else None


def shuffled_rows(draft: Draft, draw: random.Random) -> Note | None:
    """The rows of one file come in another order."""
    sheet = draft.any(draw)
    draw.shuffle(sheet.rows)
    return HARMLESS


def nameless_ids_in_another_order(draft: Draft, draw: random.Random) -> Note | None:
    """A table without header has its Ids in the first column, in another order than the labels."""
    if draft.edition != "course" or not draft.table or draft.headed():
        return None
    for sheet in draft.like("train", "test"):
        ids = [str(row) for row in range(1, len(sheet.rows) + 1)]
        draw.shuffle(ids)
        sheet.insert(0, "f_id", "", ids)
    return Note(cure=("header", "id =", "name"), wrong=DOWNLOAD)


def lost_row(draft: Draft, draw: random.Random) -> Note | None:
    """A row of one file is lost, or there twice."""
    sheet = draft.any(draw)
    place = draw.randrange(len(sheet.rows))
    if draw.random() < 0.5:
        del sheet.rows[place]
    else:
        sheet.rows.insert(place, list(sheet.rows[place]))
    return Note()


# --- columns and their names


def shuffled_columns(draft: Draft, draw: random.Random) -> Note | None:
    """The features of one file come in another order."""
    sheet = draft.features(draw)
    order = sheet.features()
    draw.shuffle(order)
    waiting = iter(order)
    kept = ("id", "label")
    sheet.reorder([next(waiting) if role not in kept else place
                   for place, role in enumerate(sheet.roles)])  # fmt: skip
    named = len(draft.headed()) == len(draft.like("train", "test"))
    counting = sheet.header is not None and all(
        name.isdigit() for name in sheet.header if name not in ("Id", "id")
    )
    return HARMLESS if named and not counting else Note(wrong=DOWNLOAD)


def columns_as_text_sorts_them(draft: Draft, draw: random.Random) -> Note | None:
    """pixel0, pixel1, pixel10: all columns of one or both files in the order of their text."""
    sheets = draft.headed()
    if len(sheets) < 2 or draft.edition == "dna" or draft.table:
        return None
    for sheet in sheets if draw.random() < 0.5 else [draw.choice(sheets)]:
        header = list(sheet.header or [])
        sheet.reorder(sorted(range(len(header)), key=lambda place: header[place]))
    words = all(not name.isdigit() for name in sheets[0].header or [])
    return Note(harmless=words)


def renamed_column(draft: Draft, draw: random.Random) -> Note | None:
    """A column bears another name in one file or in both."""
    sheets = draft.headed()
    if len(sheets) < 2 or draft.edition == "dna":
        return None
    role = draw.choice([sheets[0].roles[place] for place in sheets[0].features()])
    name = draw.choice(["other", "f", "label2", "3000", "Age"])
    both = draw.random() < 0.3
    for sheet in sheets if both else [draw.choice(sheets)]:
        assert sheet.header is not None
        sheet.header[sheet.roles.index(role)] = name
    return Note(words=(name,), wrong=DOWNLOAD)


def name_twice(draft: Draft, draw: random.Random) -> Note | None:
    """Two columns bear one name."""
    sheets = [sheet for sheet in draft.headed() if len(sheet.features()) > 1]
    if not sheets:
        return None
    sheet = draw.choice(sheets)
    one, other = draw.sample(sheet.features(), 2)
    assert sheet.header is not None
    sheet.header[one] = sheet.header[other]
    return Note(words=(sheet.header[other],), wrong=DOWNLOAD)


def lost_column(draft: Draft, draw: random.Random) -> Note | None:
    """A feature is lost from one file or from both."""
    sheets = draft.like("train", "test")
    role = draw.choice([sheets[0].roles[place] for place in sheets[0].features()])
    for sheet in sheets if draw.random() < 0.3 else [draw.choice(sheets)]:
        if len(sheet.roles) == 1:
            return None
        place = sheet.roles.index(role)
        sheet.reorder([other for other in range(len(sheet.roles)) if other != place])
    return Note()


def another_column(draft: Draft, draw: random.Random) -> Note | None:
    """One file, or both, have a column more: of numbers or of text."""
    text = draw.random() < 0.5
    sheets = draft.like("train", "test")
    sheets = sheets if draw.random() < 0.6 else [draw.choice(sheets)]
    place = draw.randint(
        0, len(draft.sheets["train" if "train" in draft.sheets else "train0"].roles)
    )
    for sheet in sheets:
        cells = [draw.choice(["red", "green, blue"]) if text else f"{draw.random():.3f}"
                 for _ in sheet.rows]  # fmt: skip
        if sheet.mark == " ":
            cells = [cell.replace(" ", "") for cell in cells]
        sheet.insert(min(place, len(sheet.roles)), "more", "colour", cells)
    whole = draft.edition != "dna" and text and len(sheets) > 1 and bool(draft.headed())
    listed = whole and draft.table and draw.random() < 0.5
    if listed:
        draft.settings += ["[columns]", 'colour = "identifier"']
    cure = ("[columns]", "identifier") if whole and draft.table and not listed else ()
    return Note(cure=cure, wrong=DOWNLOAD if whole else ())


def index_column(draft: Draft, draw: random.Random) -> Note | None:
    """Both files of a table have a column that counts the rows, as pandas or a person writes it."""
    if not draft.table:
        return None
    name = draw.choice(["Unnamed: 0", "Unnamed: 7", "", "nr", "row number"])
    first, step = draw.choice([0, 1, 5000]), draw.choice([1, 3, -2])
    for sheet in draft.like("train", "test"):
        cells = [str(first + step * row) for row in range(len(sheet.rows))]
        sheet.insert(0, "index", name, cells)
    named = bool(draft.headed())
    kept = named and name not in ("", "Unnamed: 0", "Unnamed: 7") and draw.random() < 0.3
    if kept:
        draft.settings += ["[columns]", f'"{name}" = "number"']
    alone = name in ("", "Unnamed: 0", "Unnamed: 7") and "id" not in draft.sheets["train"].roles
    said = (name if named else "1") if not kept and not alone else ""
    return Note(harmless=named and bool(name) and not alone, said=said)


def copied_column(draft: Draft, draw: random.Random) -> Note | None:
    """Both files of a table have a column that repeats the Id, or the training file's the label."""
    train, test = draft.sheets.get("train"), draft.sheets.get("test")
    if not draft.table or train is None or test is None or not draft.headed():
        return None
    role = draw.choice(["id", "label"])
    column, other = train.column(role), test.column(role)
    if column is None or (role == "id" and other is None):
        return None
    cells = [row[column] for row in train.rows]
    if role == "label" and not all(cell.lstrip("-").isdigit() for cell in cells):
        return None
    filling = ["0"] * len(test.rows) if other is None else [row[other] for row in test.rows]
    if role == "id":
        draw.shuffle(train.rows)  # so that it does not merely count
        cells = [row[column] for row in train.rows]
    train.insert(len(train.roles), "copy", "again", cells)
    test.insert(len(test.roles), "copy", "again", filling)
    return Note(harmless=True, said="again")


def placeholders_in_test(draft: Draft, draw: random.Random) -> Note | None:
    """test.csv has the label column too, filled with one sign."""
    if draft.edition != "kaggle":
        return None
    train, test = draft.sheets["train"], draft.sheets["test"]
    sign = draw.choice(["?", "0", "-1", "", "x"])
    place = draw.randint(0, len(test.roles))
    assert train.header is not None
    name = train.header[train.roles.index("label")]
    test.insert(place, "label", name, [sign] * len(test.rows))
    if draw.random() < 0.3:
        draft.settings.append(f'target = "{name}"')
    harmless = sign == "?" and place != len(test.roles) - 1
    return Note(harmless=harmless, cure=("target",) if sign == "x" else (), wrong=DOWNLOAD)


def told_columns(draft: Draft, draw: random.Random) -> Note | None:
    """challenge.toml names the Id or the label, rightly or with a slip."""
    train = draft.sheets.get("train")
    if train is None or train.header is None or draft.edition == "dna":
        return None
    role = draw.choice(["id", "label"])
    place = train.column(role)
    if place is None:
        return None
    name = train.header[place] + draw.choice(["", "", "x"])
    draft.settings.insert(0, f'{"id" if role == "id" else "target"} = "{name}"')
    return Note(harmless=name in train.header, words=(name,), wrong=DOWNLOAD)


def unknown_name_of_the_id(draft: Draft, draw: random.Random) -> Note | None:
    """The Ids stand in a column whose name says nothing to a program."""
    sheets = [sheet for sheet in draft.sheets.values() if "id" in sheet.roles]
    if draft.edition != "kaggle" or len(sheets) < 2:
        return None
    for sheet in sheets:
        if sheet.header:
            sheet.header[sheet.roles.index("id")] = "PassengerNumber"
    known = "sample" in draft.sheets and draft.sheets["sample"].header is not None
    return Note(harmless=known, cure=() if known else ("id =", "shape"), wrong=DOWNLOAD)


def second_id(draft: Draft, draw: random.Random) -> Note | None:
    """Both files have a second column that is named like an Id."""
    train, test = draft.sheets.get("train"), draft.sheets.get("test")
    if train is None or test is None or train.column("id") is None or not train.header:
        return None
    for sheet in (train, test):
        cells = [str(number) for number in draw.sample(range(10**6), len(sheet.rows))]
        sheet.insert(draw.choice([0, len(sheet.roles)]), "more", "row_id", cells)
    return Note(cure=("id =",) if draft.table else (), wrong=DOWNLOAD)


def unknown_column_told(draft: Draft, draw: random.Random) -> Note | None:
    """challenge.toml tells of a column that is not there."""
    if not draft.table or "[columns]" in draft.settings:
        return None
    draft.settings += ["[columns]", f'nowhere = "{draw.choice(["number", "identifier"])}"']
    return Note(cure=("nowhere",), wrong=DOWNLOAD)
