"""The page in a real browser: it draws, it shows the images behind a cell, it sorts."""

import base64
import dataclasses
import json
import re
import shutil
import subprocess

import numpy as np
import pytest

from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.ledger import Run
from rosenblatt.pipeline.explain import Explanation
from rosenblatt.report.figures import draw_columns
from rosenblatt.report.page import write_page
from tests.challenge.folders import course, pixels
from tests.report.test_pdf import evidence

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
DATA = re.compile(r'id="data">(.*?)</script>', re.DOTALL)
RUNS = [  # on the data of the page, but the last
    Run("evaluate <b>x</b>", validation=0.9, time="2016-01-01T00:00:00Z"),
    Run("submit </script><script>document.title='broken'</script>", time="2016-01-02T00:00:00Z"),
    Run("evaluate y", validation=0.95, time="2016-01-03T00:00:00Z", seconds=12.3456789),
    Run("evaluate another challenge", data="ab"),
]
CLICKS = """<script>
document.querySelector('[data-cell="1,1"]').click();
document.querySelector('[data-column="validation"]').click();
document.querySelector('[data-column="validation"]').click();
const curves = document.getElementById('curves'), box = curves.getBoundingClientRect();
curves.dispatchEvent(new PointerEvent('pointermove', {clientX: box.right, clientY: box.top + 9}));
</script></body>"""


@pytest.fixture
def page(tmp_path):
    labels = [0, 1, 2] * 10
    challenge = load_challenge(course(tmp_path / "data", pixels(30), labels, pixels(8, seed=1)))
    path = tmp_path / "page.html"
    found = evidence(challenge)
    runs = [dataclasses.replace(run, data=challenge.digest) for run in RUNS[:-1]]
    write_page(path, challenge, found, [*runs, RUNS[-1]])
    return path, challenge, found


def test_it_asks_for_nothing_outside(page):
    text = page[0].read_text(encoding="utf-8")
    text = re.sub(r"data:image/png;base64,[\w+/=]+", "", text)
    addresses = set(re.findall(r"(?:https?:)?//[\w.]+", text)) - {"http://www.w3.org"}
    assert addresses == set()
    assert text.count("<script") == 2  # ours; what stands in names is escaped
    assert "another challenge" not in text
    assert "12.3," in text


def test_columns_of_a_table_are_shown(page, tmp_path):
    path, challenge, found = page
    along = [(np.array(["far", "near"]), np.eye(3)[:2])]
    explained = Explanation(0.5, ["where"], np.ones((1, 3)), along, {"where = far": 1.0})
    assert json.loads(DATA.search(path.read_text(encoding="utf-8"))[1])["columns"] is None
    found = dataclasses.replace(found, explained=explained.to_json())
    write_page(tmp_path / "table.html", challenge, found, [])
    text = (tmp_path / "table.html").read_text(encoding="utf-8")
    picture = json.loads(DATA.search(text)[1])["columns"].removeprefix("data:image/png;base64,")
    draw_columns(tmp_path / "columns.png", challenge, found)
    assert base64.b64decode(picture) == (tmp_path / "columns.png").read_bytes()


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt install chromium)")
def test_in_the_browser(page, tmp_path):
    path, challenge, found = page
    path.write_text(path.read_text(encoding="utf-8").replace("</body>", CLICKS), encoding="utf-8")
    run = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000",
         f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", path.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    dom = run.stdout.split('id="data"')[0] + run.stdout.split("</script>", 1)[1]
    assert "<title>data: recipe" in dom
    said = found.votes.argmax(1)
    right = int(((challenge.labels == 1) & (said == 1)).sum())
    assert dom.count("<figure>") == min(right, 12)
    assert f">{right}</button>" in dom
    assert dom.count("<polyline") == 3
    assert "epoch 2: loss 0.5000, training error 50.00 %, held-out error 75.00 %" in dom
    body = dom.split("<tbody>")[1].split("</tbody>")[0]
    assert body.index("evaluate y") < body.index("evaluate &lt;b&gt;x")  # 0.95 before 0.9
    assert 'aria-sort="descending"' in dom
