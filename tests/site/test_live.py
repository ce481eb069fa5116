"""The pages that compute: their JavaScript against the Python machines, by node and in Chromium."""

import base64
import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.gallery.convergence import learn, with_margin
from rosenblatt.layers import (
    BatchNormalisation,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    MaxPooling,
    ReLU,
    Sequential,
    Sigmoid,
    Tanh,
)
from rosenblatt.site.build import build
from rosenblatt.tape import Tape, Variable
from tests.site.test_site import ROOT, helps

GUIDE = ROOT / "report" / "guide"
DRAWN = np.load(Path(__file__).with_name("drawn.npz"))["images"]
NODE, CHROMIUM = shutil.which("node"), shutil.which("chromium") or shutil.which("google-chrome")
node = pytest.mark.skipif(NODE is None, reason="there is no node to run the pages' scripts")
chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium to open the pages")
READ = (
    "const given = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
    "const say = (x) => console.log(JSON.stringify(x));"
)


def in_node(scripts, code, given):
    """Return what `code` says, run after the guide's scripts, with `given` at hand."""
    source = "\n".join([*((GUIDE / name).read_text("utf-8") for name in scripts), READ, code])
    done = subprocess.run(
        [NODE, "-e", source], input=json.dumps(given), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def in_chromium(page, code, tmp_path, width=1400):
    """Return what `code` gives to `say` at the end of a page."""
    say = (
        "const say = (x) => document.body.append(Object.assign(document.createElement('pre'), "
        "{ id: 'answer', textContent: JSON.stringify(x) }));"
    )
    file = page.with_name(f"test-{page.name}")
    file.write_text(f"{page.read_text('utf-8')}<script>{say}{code}</script>")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-web-security",
             "--allow-file-access-from-files", "--virtual-time-budget=20000",
             f"--window-size={width},1000", f"--user-data-dir={tmp_path / 'profile'}"]  # fmt: skip
    done = subprocess.run(
        [CHROMIUM, *flags, "--dump-dom", file.as_uri()],
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    file.unlink()
    answers = re.findall(r'<pre id="answer">(.*?)</pre>', done.stdout, re.DOTALL)
    assert answers, done.stderr
    return json.loads(html.unescape(answers[-1]))


def answers(network, path, images):
    """Return the page's probabilities of images [N, H, W], by the network that `path` holds."""
    code = (
        "const net = new Network(new Uint8Array(Buffer.from(given.file, 'base64')));"
        "say(given.images.map((x) => net.probabilities(net.forward(Float32Array.from(x)))));"
    )
    network.save(path)
    file = base64.b64encode(path.read_bytes()).decode()
    rows = images.reshape(len(images), -1).tolist()
    return np.array(in_node(["net.js"], code, {"file": file, "images": rows}))


@node
def test_the_digit_page_answers_as_the_network_does(tmp_path):
    network = rb.Network.load(GUIDE / "digit.npz")
    images = DRAWN.astype(np.float32) / 255
    said = answers(network, tmp_path / "network.npz", images)
    assert np.abs(said - network.predict_proba(images[..., None])).max() < 1e-5
    assert (said.argmax(1) == np.arange(100) % 10).mean() >= 0.97


@node
def test_the_page_runs_all_the_layers_that_it_says_it_knows(tmp_path):
    rng = np.random.default_rng(0)
    layers = [
        Convolution(6, (2, 3), stride=(2, 1), dilation=(1, 2), padding=((2, 0), (1, 3))), Tanh(),
        BatchNormalisation(), Convolution(4, 3, padding="same", groups=2, activation="relu"),
        MaxPooling(3, stride=2, padding=1), Convolution(5, 3, padding=1, pooling=2), ReLU(),
        Dropout(0.5), Flatten(), Dense(6, activation="relu"), Sigmoid(), Dense(3),
    ]  # fmt: skip
    network = rb.Network(layers, input_shape=(13, 11, 1), classes=["a", "b", "c"])
    for parameter in network.parameters().values():
        parameter.value[...] = rng.normal(0, 0.5, parameter.value.shape)
    for name, parameter in network.stored().items():
        if "running" in name:
            parameter.value[...] = rng.uniform(0.5, 2, parameter.value.shape)
    images = rng.random((7, 13, 11), np.float32)
    said = answers(network, tmp_path / "network.npz", images)
    assert np.abs(said - network.predict_proba(images[..., None])).max() < 1e-5
    known = set(re.findall(r"^  (\w+): \{", (GUIDE / "net.js").read_text(), re.MULTILINE))
    assert known == {type(layer).__name__ for layer in layers}


@node
def test_the_pages_perceptron_makes_the_same_updates():
    x, y, _ = with_margin(200, 2, 0.05, np.random.default_rng(0))
    ours = learn(np.c_[x, np.ones(200)], y)
    code = """
    const machine = MACHINES.perceptron.make({ rate: 1, l2: 0 });
    let updates = 0, before = -1;
    while (before !== updates) {
      before = updates;
      given.x.forEach((x, n) => { updates += machine.learn(x, given.y[n]); });
    }
    say({ updates, w: machine.w, bound: novikoff(given.x.map((x, n) => ({ x, y: given.y[n] }))) });
    """
    found = in_node(["machines.js"], code, {"x": x.tolist(), "y": y.tolist()})
    assert found["updates"] == len(ours) - 1 <= found["bound"]
    np.testing.assert_allclose(found["w"], ours[-1], atol=1e-9)


@node
def test_the_pages_kernel_perceptron_keeps_the_same_samples():
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-1, 1, (40, 2)), rng.choice([-1, 1], 40)
    code = """
    const machine = MACHINES["kernel perceptron"].make({ gamma: 3 });
    for (let pass = 0; pass < 5; pass++) given.x.forEach((x, n) => machine.learn(x, given.y[n]));
    say(given.x.map((x) => machine.kept.filter((k) => k.x === x).reduce((s, k) => s + k.alpha, 0)));
    """
    gram = np.exp(-3 * ((x[:, None] - x) ** 2).sum(2))
    alpha = np.zeros(40)
    for n in [*range(40)] * 5:  # Aizerman, Braverman & Rozonoer 1964
        alpha[n] += y[n] * ((alpha * y) @ gram[n]) <= 0
    assert in_node(["machines.js"], code, {"x": x.tolist(), "y": y.tolist()}) == alpha.tolist()


@node
def test_the_pages_network_has_the_engines_gradient():
    code = """
    const settings = { rate: 0.1, l2: 0.03, hidden: 5, dropout: 0 };
    const net = MACHINES.network.make(settings, generator(3));
    say({ W: net.W, v: net.v, ...net.gradients(given, 1), net: { W: net.W, v: net.v } });
    """
    found = in_node(["machines.js"], code, [0.3, -0.6])
    W, v = (np.array(found["net"][name]) for name in "Wv")
    network = Sequential([Dense(5), Tanh(), Dense(1)])
    network.build((2,), np.random.default_rng(0))
    network.cast(np.float64)
    first, second = network.layers[0], network.layers[2]
    first.weight.value[...], first.bias.value[...] = W[:, :2].T, W[:, 2]
    second.weight.value[...], second.bias.value[...] = v[:-1, None], v[-1]
    with Tape(train=True) as tape:
        output = network(Variable(np.array([[0.3, -0.6]])))
        tape.backward(output, -1 / (1 + np.exp(output.value)))  # of log(1 + e^-f)
    ours = np.c_[first.weight.gradient.T + 0.03 * W[:, :2], first.bias.gradient]
    assert np.abs(ours - found["W"]).max() < 1e-9
    ours = [*(second.weight.gradient[:, 0] + 0.03 * v[:-1]), second.bias.gradient[0]]
    assert np.abs(np.array(ours) - found["v"]).max() < 1e-9


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    out = tmp_path_factory.mktemp("live")
    build(out, ROOT, helps())
    assert (out / "digit.html").stat().st_size < 350_000
    assert (out / "plane.html").stat().st_size < 25_000
    return out


@chromium
def test_the_digit_page_sees_what_is_drawn(pages, tmp_path):
    foreign = rb.Network([Flatten(), Dense(2)], input_shape=(28, 28, 1), classes=["no", "yes"])
    unknown = rb.Network([rb.Flatten(), rb.Maxout(2)], input_shape=(28, 28, 1))
    files = []
    for name, network in (("foreign", foreign), ("unknown", unknown)):
        network.save(tmp_path / f"{name}.npz")
        files.append(list((tmp_path / f"{name}.npz").read_bytes()))
    code = """
    const seen = {}, best = () => document.querySelector("#bars .best th").textContent;
    $("example").click();
    seen.seven = best();
    seen.maps = document.querySelectorAll("#maps canvas").length;
    const map = document.querySelector("#maps canvas"), box = map.getBoundingClientRect();
    map.dispatchEvent(new PointerEvent("pointermove",
      { bubbles: true, clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 }));
    seen.pointed = $("said").textContent;
    seen.kernels = document.querySelectorAll("#kernel canvas").length;
    map.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, key: "ArrowDown" }));
    seen.moved = $("said").textContent;
    $("clear").click();
    const press = (key, count) => {
      for (let n = 0; n < count; n++) $("pad").onkeydown(new KeyboardEvent("keydown", { key }));
    };
    press(" ", 1); press("ArrowDown", 16); press(" ", 1);
    seen.one = best();
    open(Uint8Array.from(FILES[0]));
    seen.classes = [...document.querySelectorAll("#bars th")].map((cell) => cell.textContent);
    open(Uint8Array.from(FILES[1]));
    seen.refused = $("said").textContent;
    open(Uint8Array.from([1, 2, 3]));
    seen.alien = $("said").textContent;
    say(seen);
    """
    seen = in_chromium(
        pages / "digit.html", f"const FILES = {json.dumps(files)};{code}", tmp_path, 400
    )
    assert (seen["seven"], seen["one"]) == ("7", "1")
    assert seen["maps"] == 8 + 8 + 16 + 16 + 1
    assert "unit (14, 14) of map 0" in seen["pointed"]
    assert "5 × 5 pixels" in seen["pointed"]
    assert seen["kernels"] == 1
    assert "unit (15, 14) of map 0" in seen["moved"]
    assert seen["classes"] == ["no", "yes"]
    assert "this page does not know Maxout; it knows Convolution" in seen["refused"]
    assert "no npz archive" in seen["alien"]


@chromium
def test_the_plane_page_learns(pages, tmp_path):
    code = """
    const seen = { start: $("said").textContent };
    for (let n = 0; n < 20; n++) $("pass").click();
    seen.parted = $("said").textContent;
    for (const machine of Object.keys(MACHINES)) {
      $("machine").value = machine; $("machine").onchange(); $("pass").click(); $("step").click();
      seen[machine] = $("said").textContent;
    }
    $("csv").value = "x,y,class\\n0,10,no\\n1,20,yes\\n2,30,no"; $("read").click();
    seen.own = points.length;
    seen.address = location.hash;
    seen.exported = JSON.parse(exported()).points.length;
    $("csv").value = "0,1,no\\n1,,yes"; $("read").click();
    seen.refused = $("said").textContent;
    say(seen);
    """
    seen = in_chromium(pages / "plane.html", code, tmp_path)
    updates, bound = re.search(r"(\d+) updates; the bound .* is ([\d.]+)", seen["parted"]).groups()
    assert 0 < int(updates) <= float(bound)
    assert "wrong 0.0 %" in seen["parted"]
    assert all("1 passes" in seen[name] for name in ("network", "support vectors"))
    assert "samples kept" in seen["kernel perceptron"]
    assert seen["own"] == seen["exported"] == 3
    assert "points=" in seen["address"]
    assert "row 2: write two numbers and a class" in seen["refused"]


@chromium
def test_no_page_scrolls_sideways(pages, tmp_path):
    names = sorted(path.name for path in pages.glob("*.html"))
    (pages / "all.html").write_text("<!doctype html><body>")
    code = """
    const load = (name, width) => new Promise((done) => {
      const frame = document.createElement("iframe");
      Object.assign(frame, { src: name, onload: () => {
        const root = frame.contentDocument.documentElement;
        done([name, width, root.scrollWidth]); frame.remove();
      } });
      frame.style.cssText = `width:${width}px;height:800px;border:0`;
      document.body.append(frame);
    });
    (async () => {
      const found = [];
      for (const name of NAMES)
        for (const width of [400, 1400]) found.push(await load(name, width));
      say(found);
    })();
    """
    found = in_chromium(
        pages / "all.html", f"const NAMES = {json.dumps(names)};{code}", tmp_path, 1500
    )
    assert len(found) == 2 * len(names)
    assert [row for row in found if row[2] > row[1]] == []
