"""Small challenge folders of every edition, as sheets of cells that can be altered before they are
written."""

import csv
import gzip
import io
import random
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

CLASSES = (("0", "1"), ("-1", "1"), ("0", "1", "2"), ("cat", "dog"), ("2", "10"),
           ("T-shirt, top", "ankle boot"))  # fmt: skip
WORDS = ("age", "height", "2019", "x_1", "Größe", "weight, kg")


@dataclass(eq=False)
class Sheet:
    """A file before it is written.

    roles: what each column is: "id", "label" or the name of a feature; header: its names as
    written, or None; rows: the cells. The rest is dress: the mark between cells, the line ending,
    what stands before the first and after the last cell of a row, whether all cells are quoted,
    after how many rows a blank line comes (0 is never), and the ending of a packed file.
    """

    name: str
    roles: list[str]
    header: list[str] | None
    rows: list[list[str]]
    mark: str = ","
    ending: str = "\n"
    start: str = ""
    trailing: str = ""
    quoted: bool = False
    blank: int = 0
    packed: str = ""

    def column(self, role: str) -> int | None:
        """Return the place of a column, or None."""
        return self.roles.index(role) if role in self.roles else None

    def features(self) -> list[int]:
        """Return the places of the features."""
        return [place for place, role in enumerate(self.roles) if role not in ("id", "label")]

    def insert(self, place: int, role: str, name: str, cells: list[str]) -> None:
        """Insert a column."""
        self.roles.insert(place, role)
        if self.header is not None:
            self.header.insert(place, name)
        for row, cell in zip(self.rows, cells, strict=True):
            row.insert(place, cell)

    def reorder(self, order: list[int]) -> None:
        """Put the columns in another order. Rows stay the same lists."""
        for cells in (self.roles, *([self.header] if self.header else []), *self.rows):
            cells[:] = [cells[place] for place in order]

    def content(self) -> tuple[bytes, dict[int, range]]:
        """Return the bytes of the file, and for the id() of each row the lines that it covers."""
        text, lines, line = self.start, {}, 1
        for place, row in enumerate([*([self.header] if self.header else []), *self.rows]):
            if self.blank and place % self.blank == self.blank - 1:
                text, line = text + self.ending, line + 1
            written = self._row(row) + self.trailing + self.ending
            span = max(1, len(written.splitlines()))
            lines[id(row)] = range(line, line + span)
            text, line = text + written, line + span
        return text.encode(), lines

    def _row(self, cells: list[str]) -> str:
        if self.mark == " ":
            return " ".join(cells)
        out = io.StringIO()
        quoting = csv.QUOTE_ALL if self.quoted else csv.QUOTE_MINIMAL
        csv.writer(out, delimiter=self.mark, lineterminator="", quoting=quoting).writerow(cells)
        return out.getvalue()


@dataclass(eq=False)
class Draft:
    """A challenge folder before it is written.

    sheets: by role: "train", "labels", "test", with the set's name behind it where there are sets,
    and "sample"; settings: the lines of challenge.toml; bundle: all CSV files in one zip; others:
    further files, by name.
    """

    edition: str
    sheets: dict[str, Sheet]
    settings: list[str] = field(default_factory=list)
    bundle: bool = False
    others: dict[str, bytes] = field(default_factory=dict)

    def like(self, *kinds: str) -> list[Sheet]:
        """Return the sheets whose role begins with one of the kinds."""
        return [sheet for role, sheet in self.sheets.items() if role.startswith(kinds)]

    @property
    def table(self) -> bool:
        """Whether the features are columns of a table, no pixels, letters or matrices."""
        return 'kind = "table"' in self.settings

    def headed(self) -> list[Sheet]:
        """Return the sheets of features that have a header."""
        return [sheet for sheet in self.like("train", "test") if sheet.header is not None]

    def any(self, draw: random.Random) -> Sheet:
        """Return one of the sheets."""
        return draw.choice([*self.sheets.values()])

    def features(self, draw: random.Random) -> Sheet:
        """Return one of the sheets of features."""
        return draw.choice(self.like("train", "test"))

    def labelled(self, draw: random.Random) -> Sheet:
        """Return one of the sheets that hold labels of training rows."""
        sheets = [sheet for sheet in self.like("train", "labels") if "label" in sheet.roles]
        return draw.choice(sheets)

    def write(self, folder: Path) -> dict[str, dict[int, range]]:
        """Write the folder; return for each file the lines of its rows, as Sheet.content."""
        folder.mkdir(parents=True)
        contents, lines = {}, {}
        for sheet in self.sheets.values():
            contents[sheet.name + sheet.packed], lines[sheet.name] = sheet.content()
        ready = {name: packed(name, content) for name, content in contents.items()}
        if self.bundle:
            ready = {"competition.zip": _zip(ready)}
        for name, content in {**ready, **self.others}.items():
            (folder / name).write_bytes(content)
        if self.settings:
            kinds = '= "number"', '= "identifier"'
            below = [line for line in self.settings if line == "[columns]" or line.endswith(kinds)]
            above = [line for line in self.settings if line not in below]
            text = "\n".join(above + below) + "\n"
            (folder / "challenge.toml").write_text(text, "utf-8")
        return lines


def packed(name: str, content: bytes) -> bytes:
    """Return a file's content packed as the ending of its name says."""
    if name.endswith(".gz"):
        return gzip.compress(content, mtime=0)
    return _zip({name.removesuffix(".zip"): content}) if name.endswith(".zip") else content


def _zip(contents: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return out.getvalue()


def _cells(draw: random.Random, rows: int, columns: int, image: bool) -> list[list[str]]:
    def cell() -> str:
        return str(draw.randrange(256)) if image else f"{draw.gauss(0, 2):.3f}"

    return [[cell() for _ in range(columns)] for _ in range(rows)]


def _labels(draw: random.Random, rows: int) -> list[str]:
    classes = draw.choice(CLASSES)
    labels = [classes[row % len(classes)] for row in range(rows)]
    draw.shuffle(labels)
    return labels


def _names(draw: random.Random, columns: int, image: bool) -> list[str]:
    if not image:
        return draw.sample(WORDS, columns)
    prefix, base = draw.choice([("pixel", 0), ("p", 1), ("", 0), ("", 1)])
    return [f"{prefix}{base + place}" for place in range(columns)]


def _sheet(name: str, roles: list[str], header: list[str] | None, rows: list[list[str]]) -> Sheet:
    return Sheet(name, list(roles), list(header) if header else None, rows)


def _sample(draw: random.Random, names: list[str], ids: list[str], label: str) -> Sheet:
    name = draw.choice(["sample_submission.csv", "SampleSubmission.csv"])
    return _sheet(name, ["id", "label"], names, [[key, label] for key in ids])


def course(draw: random.Random) -> Draft:
    """Return Xtr, Ytr and Xte, of images or a table, with or without headers, Ids and a sample."""
    image, header, ids = draw.random() < 0.5, draw.random() < 0.6, draw.random() < 0.4
    ids = ids and (header or image)
    N, M, columns = draw.randint(31, 36), draw.randint(5, 8), 64 if image else draw.randint(3, 5)
    names = _names(draw, columns, image)
    base = draw.choice([0, 1, 1, 1000]) if ids else draw.choice([0, 1, 1])
    train, test = (_cells(draw, rows, columns, image) for rows in (N, M))
    labels = _labels(draw, N)
    roles = [f"f{place}" for place in range(columns)]
    keys = [str(base + row) for row in range(N)]
    others = [str(base + row) for row in range(M)]
    heading = ["Id", draw.choice(["Prediction", "Label"])]
    sheets = {
        "train": _sheet("Xtr.csv", roles, names if header else None, train),
        "labels": _sheet("Ytr.csv", ["id", "label"], heading if draw.random() < 0.8 else None,
                         [list(pair) for pair in zip(keys, labels, strict=True)]),
        "test": _sheet("Xte.csv", roles, names if header else None, test),
    }  # fmt: skip
    if ids:
        sheets["train"].insert(0, "id", "Id", keys)
        sheets["test"].insert(0, "id", "Id", others)
    if draw.random() < 0.4:
        sheets["sample"] = _sample(draw, heading, others, labels[0])
    return Draft("course", sheets, [] if image else ['kind = "table"'])


def kaggle(draw: random.Random) -> Draft:
    """Return train and test with named columns, the label somewhere, and perhaps Ids, a sample."""
    image, ids = draw.random() < 0.5, draw.random() < 0.5
    N, M, columns = draw.randint(31, 36), draw.randint(5, 8), 64 if image else draw.randint(3, 5)
    names = _names(draw, columns, image)
    train, test = (_cells(draw, rows, columns, image) for rows in (N, M))
    labels = _labels(draw, N)
    label = draw.choice(["label", "target", "Prediction"])
    roles = [f"f{place}" for place in range(columns)]
    sheets = {
        "train": _sheet("train.csv", roles, names, train),
        "test": _sheet("test.csv", roles, names, test),
    }
    place = 0 if image else draw.choice([0, columns])
    sheets["train"].insert(place, "label", label, labels)
    key, others = "ImageId", [str(1 + row) for row in range(M)]
    if ids:
        key, others = draw.choice(["Id", "id"]), [str(500 + 2 * row) for row in range(M)]
        sheets["train"].insert(0, "id", key, [str(100 + row) for row in range(N)])
        sheets["test"].insert(0, "id", key, others)
    if draw.random() < 0.6:
        sheets["sample"] = _sample(draw, [key, label], others, labels[0])
    return Draft("kaggle", sheets, [] if image else ['kind = "table"'])


def _sets(draw: random.Random) -> list[str]:
    return draw.choice([[""], ["0"], ["0", "1"], ["0", "1", "2"]])


def matrices(draw: random.Random) -> Draft:
    """Return matrices between spaces, in sets whose Ids run on."""
    columns, base, sheets = draw.randint(3, 5), 0, {}
    roles, width = [f"f{place}" for place in range(columns)], draw.choice(["50", "100"])
    classes, count = draw.choice([("0", "1"), ("-1", "1")]), 0
    for name in _sets(draw):
        N, M = draw.randint(12, 15), draw.randint(3, 5)
        labels = [[str(base + row), classes[row % 2]] for row in range(N)]
        sheets[f"train{name}"] = _sheet(f"Xtr{name}_mat{width}.csv", roles, None,
                                        _cells(draw, N, columns, False))  # fmt: skip
        sheets[f"labels{name}"] = _sheet(f"Ytr{name}.csv", ["id", "label"], ["Id", "Bound"], labels)
        sheets[f"test{name}"] = _sheet(f"Xte{name}_mat{width}.csv", roles, None,
                                       _cells(draw, M, columns, False))  # fmt: skip
        base, count = base + N, count + M
    for role, sheet in sheets.items():
        sheet.mark = "," if role.startswith("labels") else " "
    if draw.random() < 0.3:
        ids = [str(row) for row in range(count)]
        sheets["sample"] = _sample(draw, ["Id", "Bound"], ids, classes[0])
    return Draft("matrices", sheets)


def dna(draw: random.Random) -> Draft:
    """Return sequences of DNA, in sets whose Ids run on, with or without Ids and headers."""
    header, ids, base, first, sheets = draw.random() < 0.6, draw.random() < 0.5, 0, 0, {}
    classes, letters = draw.choice([("0", "1"), ("-1", "1")]), draw.choice(["ACGT", "ACGTN", "acg"])
    for name in _sets(draw):
        for role, file, rows, start in (
            ("train", "Xtr", draw.randint(12, 15), base),
            ("test", "Xte", draw.randint(3, 5), first),
        ):
            cells = [["".join(draw.choices(letters, k=draw.randint(6, 9)))] for _ in range(rows)]
            names = ["seq"] if header else None
            sheets[role + name] = _sheet(f"{file}{name}.csv", ["seq"], names, cells)
            keys = [str(start + row) for row in range(rows)]
            if ids:
                sheets[role + name].insert(0, "id", "Id", keys)
            if role == "train":
                rows_of = [[key, classes[row % 2]] for row, key in enumerate(keys)]
                labels = _sheet(f"Ytr{name}.csv", ["id", "label"], ["Id", "Bound"], rows_of)
                sheets[f"labels{name}"], base = labels, base + rows
            else:
                first += rows
    if draw.random() < 0.3:
        keys = [str(row) for row in range(first)]
        sheets["sample"] = _sample(draw, ["Id", "Bound"], keys, classes[0])
    return Draft("dna", sheets)


EDITIONS = (course, kaggle, matrices, dna)
