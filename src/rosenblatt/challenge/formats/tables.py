"""Tables of any columns: training and test rows under any usual name, labels beside or apart."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rosenblatt.challenge.challenge import Challenge, data_digest
from rosenblatt.challenge.classes import Labels
from rosenblatt.challenge.folder import Folder
from rosenblatt.challenge.formats import leaks, wide
from rosenblatt.challenge.formats.class_columns import class_columns
from rosenblatt.challenge.formats.columns import Columns, Tables, find_tables, match_columns
from rosenblatt.challenge.formats.columns import Pair as Places
from rosenblatt.challenge.formats.ids import Keys, counted_ids, join_labels
from rosenblatt.challenge.formats.images import are_images
from rosenblatt.challenge.formats.quantities import default_metric, targets_of
from rosenblatt.challenge.formats.roles import Roles, find_roles
from rosenblatt.challenge.formats.samples import read_sample, sample_order
from rosenblatt.challenge.formats.target_column import find_target, further_targets
from rosenblatt.challenge.label_file import LabelTable, check_texts, check_unique, read_label_table
from rosenblatt.challenge.settings import FILE, Settings, check_keys, default_notes, read_settings
from rosenblatt.data.cells import Cells, CellTable, read_cells
from rosenblatt.data.commas import with_points
from rosenblatt.data.dates import date_formats
from rosenblatt.data.layout import SAMPLE
from rosenblatt.data.rows import raw_rows
from rosenblatt.data.schema import LEFT, TEXTS, Column, Rule
from rosenblatt.data.source import Source
from rosenblatt.data.table import Pair, Typed, pair_of, read_column, typed
from rosenblatt.data.text import MISSING, number
from rosenblatt.errors import UserError

KEYS = ("kind = table", "table", "classes", "header", "target", "id", "columns")
WIDE_KEYS = ("kind = table", "table")  # where [table] says the rest
LISTED = 8


@dataclass(frozen=True)
class Part:
    """The rows of a file as text, and their Ids, trimmed, or None."""

    cells: CellTable
    ids: tuple[str, ...] | None

    @property
    def keys(self) -> Keys:
        """What the rows are joined by."""
        return Keys(self.cells.source, len(self.cells.lines), self.ids, self.cells.lines)


@dataclass(frozen=True)
class Answers:
    """The labels of training rows as written, where each stands, and how they were told.

    name: of their column; header: of a submission, where no sample tells it; files: what they were
    read from; own: the label file's, for Ids that count; more: labels of further columns, by name.
    """

    labels: Labels
    name: str
    header: tuple[str, str]
    notes: tuple[str, ...]
    own: LabelTable | None = None
    more: tuple[tuple[str, Labels], ...] = ()


@dataclass(frozen=True)
class Form:
    """The Ids and the header of a submission, and how they were told.

    shown: the labels of a sample; order: for each Id the place of its test row, None for in turn;
    columns: those of a sample that has one for each class.
    """

    ids: tuple[str, ...]
    header: tuple[str, str]
    notes: tuple[str, ...]
    shown: tuple[str, ...] = ()
    order: np.ndarray | None = None
    columns: tuple[str, ...] = ()


def matches(folder: Folder) -> str | None:
    """Return why the folder is of this edition, or None: it holds training and test rows."""
    roles = find_roles(folder)
    if roles is None:
        return None
    settings = read_settings(folder.path)
    if settings.table is None and are_images((roles.train, roles.test), settings):
        return None
    return f"{roles.train.name} and {roles.test.name} are there, and hold no images"


def read(folder: Folder, missing_allowed: bool = False) -> Challenge:
    """Return the challenge: training and test rows as DataFrames of typed columns.

    Missing values are part of a table, so they are always allowed.
    Raises UserError: a file missing or faulty, columns or Ids that do not match, no column that is
    the target, a column that can be read in two ways, nothing to learn from.
    """
    roles = find_roles(folder)
    assert roles is not None
    settings = dataclasses.replace(read_settings(folder.path), kind="table")
    sample = read_sample(folder, settings, wide=True)
    if settings.table is not None:
        check_keys(folder.path, WIDE_KEYS, "a table of hours, as [table] says")
        return wide.read(folder, roles, settings, sample)
    shown = sample.id_column if sample else ""
    tables, ids = find_tables((roles.train, roles.test), settings, (), shown)
    place: Places = (None, None)
    told = ""
    if roles.labels is None:
        place, told = find_target(tables, settings, ids, sample)
    more = further_targets(tables, place[0], sample)
    columns = _with_dates(tables, match_columns(tables, settings, ids, place, more))
    parts = _part(tables, columns, settings, 0), _part(tables, columns, settings, 1)
    answers = _answers(roles, parts[0], columns, settings, told)
    form = _form(parts, answers, sample)
    table = _typed(parts, columns, answers, form, settings)
    notes = [*columns.notes, *_left(table.columns, settings)]
    odd = [*columns.odd, *_taken(table.columns, settings)]
    odd += [
        f"column {column.name!r}{':' * column.unsure} {column.why}"
        for column in table.columns
        if column.name not in settings.columns
        and (column.kind in ("identifier", "copy") or column.unsure)
    ]
    files = _files(roles, sample)
    return _challenge(folder, settings, answers, form, table, files, (notes, odd))


def _with_dates(tables: Tables, columns: Columns) -> Columns:
    """Return the columns, the Id too where it is a date: that is learned from."""
    own, other = columns.ids
    if own is None or other is None:
        return columns
    first = [cells[own].strip() for line, cells in
             raw_rows(tables.sources[0], SAMPLE, tables.layouts[0].delimiter)
             if line >= tables.layouts[0].first_row]  # fmt: skip
    if all(text.isdigit() for text in first) or not date_formats(first):
        return columns
    name = tables.layouts[0].name(own)
    return dataclasses.replace(
        columns,
        names=(name, *columns.names),
        train=(own, *columns.train),
        test=(other, *columns.test),
        notes=(*columns.notes, f"{name} is the Id, and a date that is learned from"),
    )


def _part(tables: Tables, columns: Columns, settings: Settings, side: int) -> Part:
    """Return the rows of a file.

    Raises UserError as read_cells, with_points, check_text and check_unique.
    """
    source, layout = tables.sources[side], tables.layouts[side]
    key, target = columns.ids[side], columns.target[side] if side == 0 else None
    features = (columns.train, columns.test)[side]
    beside = (key, target, *(columns.more if side == 0 else ()))
    places = sorted({*features, *(place for place in beside if place is not None)})
    texts = {place for place in places if settings.kind_of(layout.name(place)) in TEXTS}
    cells = with_points(read_cells(source, layout, places), {key, *texts})
    if key is None:
        return Part(cells, None)
    ids = tuple(cell.strip() for cell in cells.columns[key].written())
    check_texts(source, cells.lines.tolist(), key + 1, ids)
    check_unique(source, ids, tuple(cells.lines.tolist()))
    return Part(cells, ids)


def _answers(roles: Roles, train: Part, columns: Columns, settings: Settings, told: str) -> Answers:
    """Return the labels of training rows, from their own file or from a column beside them."""
    if roles.labels is None:
        return _beside(train.cells, columns, told)
    own = read_label_table(
        roles.labels, settings.header, target=settings.target, total=train.keys.total
    )
    order, matching = join_labels(own, train.keys)
    leaks.check_order(own, train.cells, train.ids, columns.train, settings)
    rows = order.tolist()
    labels = Labels(
        [own.labels[row] for row in rows],
        [(roles.labels, own.lines[row]) for row in rows],
    )
    return Answers(labels, own.label_column, (own.id_column, own.label_column), (matching,), own)


def _beside(cells: CellTable, columns: Columns, told: str) -> Answers:
    """Return the labels that stand in a column of the training table."""
    place, lines = columns.target[0], cells.lines.tolist()
    assert place is not None
    places, found = [(cells.source, line) for line in lines], []
    for column in (place, *columns.more):
        written = cells.columns[column].written()
        check_texts(cells.source, lines, column + 1, [label.strip() for label in written])
        found.append((cells.layout.name(column), Labels(written, places)))
    key, layout = columns.ids[0], cells.layout
    name = layout.name(place) if layout.header else "Prediction"
    id_name = layout.name(key) if key is not None and layout.header else ""
    return Answers(
        found[0][1], name, (id_name or "Id", name), (told,), more=tuple(found[1:])
    )  # fmt: skip


def _challenge(
    folder: Folder,
    settings: Settings,
    answers: Answers,
    form: Form,
    table: Typed,
    files: list[tuple[Source, str]],
    remarks: tuple[list[str], list[str]],
) -> Challenge:
    """Return all as one challenge; remarks: what was chosen, and what is odd."""
    notes, odd = remarks
    asked = [(answers.name, answers.labels), *answers.more]
    target, said = targets_of(asked, settings, form.shown)
    of_classes, matched = class_columns(form.columns, target)
    told = "metric" in settings.told
    metric = settings.metric if told else default_metric(target, form.shown)
    kinds = tuple((column.name, column.kind, column.missing) for column in table.columns)
    return Challenge(
        name=settings.name or folder.name,
        kind="table",
        train=table.train,
        target=target,
        test=table.test,
        test_ids=form.ids,
        id_column=form.header[0],
        label_column=form.header[1],
        digest=data_digest((file for file, _ in files), [kinds, target.names]),
        files=tuple((file.name, meaning) for file, meaning in files),
        notes=(
            f"edition table: {matches(folder)}",
            *answers.notes,
            *form.notes,
            *matched,
            *said,
            *notes,
            *default_notes(dataclasses.replace(settings, metric=metric)),
        ),
        odd=tuple(odd),
        metric=metric,
        quota=settings.quota,
        public_share=settings.public_share,
        columns=table.columns,
        keys=table.keys,
        class_columns=of_classes,
    )  # fmt: skip


def _typed(
    parts: tuple[Part, Part], columns: Columns, answers: Answers, form: Form, settings: Settings
) -> Typed:
    """Return both tables of typed columns. Raises UserError where nothing is left to learn from."""
    train, test = parts
    pairs = _pairs(parts, columns, form.order)
    kinds = [
        read_column(
            pair, (train.cells, test.cells), places, settings.columns.get(pair.name, Rule())
        )
        for pair, places in zip(pairs, zip(columns.train, columns.test, strict=True), strict=True)
    ]
    told: dict[str, Sequence[str]] = {"label": answers.labels.written}
    if train.ids is not None and columns.ids[0] not in columns.train:
        told["Id"] = train.ids
    found = leaks.find_leaks(pairs, kinds, settings, told)
    counted = form.shown == () and test.ids is None and answers.own is None
    leaks.check_ids(train.cells.source, found, counted)
    table = typed(pairs, [found.get(column.name, column) for column in kinds])
    if not len(table.train.columns):
        left = "; ".join([*columns.notes, *_left(table.columns, settings)])
        raise UserError(
            f"{train.cells.source}: no column of features is left: {left}. Add one that varies."
        )
    if train.ids is not None and form.ids and train.cells.layout.header:
        name = train.cells.layout.name(columns.ids[0]) if columns.ids[0] is not None else "Id"
        table = table._replace(keys={name: (train.ids, form.ids), **table.keys})
    return table


def _form(parts: tuple[Part, Part], answers: Answers, sample: LabelTable | None) -> Form:
    """Return Ids and header of a submission, and how they were told."""
    train, test = parts
    if sample is not None:
        order, note = sample_order(sample, test.keys)
        header = sample.id_column, sample.label_column
        return Form(tuple(sample.ids or ()), header, (note,), tuple(sample.labels), order,
                    sample.columns)  # fmt: skip
    assumed = f"no sample submission shows the header: {','.join(answers.header)} assumed"
    if test.ids is not None:
        told = f"test Ids are those of {test.cells.source.name}"
        return Form(test.ids, answers.header, (told, assumed))
    source, ids = train.cells.source, train.ids
    if answers.own is not None:
        source, ids = answers.own.source, answers.own.ids
    counted, told = counted_ids(source, ids, len(test.cells.lines))
    return Form(counted, answers.header, (told, assumed))


def _pairs(parts: tuple[Part, Part], columns: Columns, order: np.ndarray | None) -> list[Pair]:
    """Return the features of both tables, test rows in the order of a submission."""
    pairs = []
    for name, own, other in zip(columns.names, columns.train, columns.test, strict=True):
        test = parts[1].cells.columns[other]
        if order is not None:
            test = Cells(test.spellings, test.places[order])
        pairs.append(pair_of(name, parts[0].cells.columns[own], test))
    return pairs


def _files(roles: Roles, sample: LabelTable | None) -> list[tuple[Source, str]]:
    apart = roles.labels is not None
    files = [
        (roles.train, "training rows" if apart else "training rows and labels"),
        (roles.test, "test rows"),
    ]
    files += [(roles.labels, "training labels")] if roles.labels else []
    return files + ([(sample.source, "the form of a submission")] if sample else [])


def _left(columns: Sequence[Column], settings: Settings) -> list[str]:
    """Return a sentence for each reason why columns are left out, and how to keep them."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for column in columns:
        if column.kind in LEFT:
            keep = "" if column.name in settings.columns else column.instead
            reasons.setdefault((column.why, keep), []).append(column.name)
    notes = []
    for (why, keep), names in reasons.items():
        listed = ", ".join(map(repr, names[:LISTED])) + (" ..." if len(names) > LISTED else "")
        what = f"column {listed} is left out: it"
        if len(names) > 1:
            what = f"columns {listed} are left out: each"
        key = json.dumps(names[0], ensure_ascii=False)
        cure = f'; [columns] and {key} = "{keep}" in {FILE} keep it' if keep else ""
        notes.append(f"{what} {why}{cure}")
    return notes


def _taken(columns: Sequence[Column], settings: Settings) -> list[str]:
    """Return a sentence for each column in which an unusual cell is taken as a missing value."""
    odd = []
    for column in columns:
        rule = settings.columns.get(column.name)
        taken = [text for text in column.missing if text not in MISSING]
        if taken and (rule is None or rule.missing is None):
            listed, key = ", ".join(map(repr, taken)), json.dumps(column.name, ensure_ascii=False)
            kept = (
                "{missing = []}"
                if all(number(text) is not None for text in taken)
                else '"category"'
            )
            odd.append(
                f"column {column.name!r}: {listed} taken as missing among numbers; [columns] and "
                f"{key} = {kept} in {FILE} keep it"
            )
    return odd
