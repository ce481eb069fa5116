"""Cut the equations' font out of the one that comes with Matplotlib, and leave it with the site.

    python report/guide/font.py

writes src/rosenblatt/site/assets/math.woff, and math-italic.woff for the Greek letters: the glyphs
that the guide's formulas need, of DejaVu Serif, which has the table that MathML is set by. DejaVu's
licence allows it (its changes are in the public domain). Needs fontTools, which Matplotlib brings.
"""

import string
import sys
from pathlib import Path

import matplotlib
from fontTools import subset

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "src"))

from rosenblatt.site.chapters import FORMULA  # noqa: E402
from rosenblatt.site.equations import mathml  # noqa: E402

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
ASSETS = ROOT / "src" / "rosenblatt" / "site" / "assets"
GREEK = range(0x1D6A8, 0x1D7CC)  # italic letters, which the upright font has not


def needed() -> set[int]:
    """Return the characters of the guide's formulas, and what any formula may have."""
    found = set(map(ord, string.printable + "√"))
    for page in sorted((ROOT / "report" / "guide").glob("*.md")):
        formulas = [m[1] or m[2] for m in FORMULA.finditer(page.read_text("utf-8"))]
        found |= {ord(sign) for text in mathml([(f, False) for f in formulas]) for sign in text}
    return found


def cut(name: str, characters: set[int], out: Path) -> None:
    """Write the glyphs of some characters, of a font of Matplotlib's, without hints."""
    options = subset.Options(flavor="woff", hinting=False, layout_features=[], name_IDs=[0, 1, 2])
    options.drop_tables += ["FFTM", "MATH"]  # its brackets are far larger than what they hold
    font = subset.load_font(FONTS / name, options)
    font.recalcTimestamp = False  # the same bytes at any time
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(font)
    subset.save_font(font, out, options)
    print(f"{out.name}: {out.stat().st_size / 1000:.1f} kB")


if __name__ == "__main__":
    signs = needed()
    cut("DejaVuSerif.ttf", signs - set(GREEK), ASSETS / "math.woff")
    cut("DejaVuSerif-Italic.ttf", signs & set(GREEK), ASSETS / "math-italic.woff")
