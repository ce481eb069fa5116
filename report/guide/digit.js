"use strict";
// The digit page: a pad to draw on, the maps of every layer, the probabilities; drawn anew each stroke.
const $ = (id) => document.getElementById(id), SIDE = 280, PEN = 20, STEP = 10;
const SEVEN = [[[70, 60], [215, 58], [165, 140], [135, 235]], [[105, 150], [195, 145]]];
let network = null, strokes = [], said = null, pen = { x: 140, y: 60, down: false };
const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const lay = (tag, attributes, ...inside) => { const made = Object.assign(document.createElement(tag), attributes); made.append(...inside); return made; };
function ink() {                       // the pad's pixels, SIDE x SIDE, of 4 bytes each
  const pad = $("pad").getContext("2d", { willReadFrequently: true });
  pad.fillStyle = "#000"; pad.fillRect(0, 0, SIDE, SIDE);
  pad.strokeStyle = "#fff"; pad.lineWidth = PEN; pad.lineCap = pad.lineJoin = "round";
  for (const line of strokes) { pad.beginPath(); pad.moveTo(...line[0]); line.forEach((point) => pad.lineTo(...point)); pad.stroke(); }
  return pad.getImageData(0, 0, SIDE, SIDE).data;
}
// As the training digits are made: the ink's box scaled into 20 x 20, its centre of mass in the middle.
function prepared(pixels, [H, W]) {
  const small = new Float32Array(H * W), fine = 4, at = (r, q) => (r < 0 || q < 0 || r >= SIDE || q >= SIDE ? 0 : pixels[4 * ((r | 0) * SIDE + (q | 0))] / 255);
  let top = SIDE, left = SIDE, bottom = -1, right = -1, mass = 0, down = 0, across = 0;
  for (let i = 0; i < SIDE; i++) for (let j = 0; j < SIDE; j++) {
    const v = at(i, j);
    mass += v; down += v * (i + 0.5); across += v * (j + 0.5);
    if (v > 0.15) { top = Math.min(top, i); bottom = Math.max(bottom, i); left = Math.min(left, j); right = Math.max(right, j); }
  }
  const scale = (Math.max(bottom - top, right - left) + 1) / (Math.min(H, W) * 20 / 28);
  for (let i = 0; i < H && mass; i++) for (let j = 0; j < W; j++) for (let a = 0; a < fine; a++) for (let b = 0; b < fine; b++)
    small[i * W + j] += at(down / mass + (i + (a + 0.5) / fine - H / 2) * scale, across / mass + (j + (b + 0.5) / fine - W / 2) * scale) / fine ** 2;
  return small;
}
const largest = (data) => data.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-9);
function paint(canvas, [H, W, C], data, c, most) {
  Object.assign(canvas, { width: W, height: H });
  const context = canvas.getContext("2d"), image = context.createImageData(W, H);
  for (let n = 0; n < H * W; n++) {
    const v = data[n * C + c] / most, t = Math.min(1, Math.abs(v));
    image.data.set(v < 0 ? [255, 255 - 130 * t, 255 - 220 * t, 255] : [255 - 235 * t, 255 - 160 * t, 255 - 90 * t, 255], 4 * n);
  }
  context.putImageData(image, 0, 0);
}
const asMaps = ({ shape }) => (shape.length === 3 ? shape : [1, shape[0], 1]);
function show(input) {
  said = network.forward(input);
  const p = network.probabilities(said), best = p.indexOf(Math.max(...p));
  paint($("input"), said[0].shape, said[0].data, 0, 1);
  for (const canvas of $("maps").querySelectorAll("canvas")) {
    const out = said[+canvas.dataset.layer + 1];
    paint(canvas, asMaps(out), out.data, +canvas.dataset.map, largest(out.data));
  }
  $("bars").replaceChildren(...network.classes.map((name, k) => lay("tr", { className: k === best ? "best" : "" },
    lay("th", { textContent: name }), lay("td", {}, lay("i", { style: `width:${(100 * p[k]).toFixed(1)}%` })), lay("td", { textContent: p[k].toFixed(3) }))));
  return p;
}
function rows() {                      // a row of canvases for each layer but the last and the flat
  const blank = network.forward(new Float32Array(network.inputShape[0] * network.inputShape[1]));
  $("kernel").replaceChildren(); $("box").hidden = true;
  $("maps").replaceChildren(...network.layers.flatMap(({ type }, n) => {
    if (type === "Flatten" || n === network.layers.length - 1) return [];
    const [H, W, C] = asMaps(blank[n + 1]), flat = blank[n + 1].shape.length === 1;
    const maps = Array.from({ length: C }, (_, c) => lay("canvas", { tabIndex: 0, ariaLabel: `${type} ${n}, ${flat ? "its units" : `map ${c}`}` }));
    maps.forEach(({ dataset }, c) => Object.assign(dataset, { layer: n, map: c }));
    return [lay("h2", { textContent: `${type}: ${flat ? `${W} units` : `${C} maps of ${H} × ${W}`}` }), lay("div", { className: flat ? "wide" : "" }, ...maps)];
  }));
}
function kernels(n, unit) {            // the weights of a filter or unit, as pictures, one a channel
  const { type, weight } = network.layers[n], before = said[n];
  if (!weight) return [];
  const images = n > 0 && network.layers[n - 1].type === "Flatten" ? said[n - 1].shape : [1, before.shape[0], 1];
  const [H, W, C] = type === "Dense" ? images : weight.shape.slice(0, 3), units = weight.shape[weight.shape.length - 1];
  const own = weight.data.filter((_, k) => k % units === unit);
  return Array.from({ length: C }, (_, c) => { const canvas = lay("canvas"); paint(canvas, [H, W, C], own, c, largest(own)); return canvas; });
}
function point(canvas, i, j) {         // at a unit of a map, or of a row of units
  const n = +canvas.dataset.layer, out = said[n + 1], [H, W, C] = asMaps(out), c = +canvas.dataset.map;
  i = Math.max(0, Math.min(H - 1, i)); j = Math.max(0, Math.min(W - 1, j));
  const flat = out.shape.length === 1, [rows, columns] = network.inputShape, zoom = 140 / columns;
  const [top, left, height, width] = flat ? [0, 0, rows, columns] : network.field(n, i, j);
  Object.assign(canvas.dataset, { i, j });
  $("box").hidden = false;
  $("box").style.cssText = `top:${top * 140 / rows}px;left:${left * zoom}px;height:${height * 140 / rows}px;width:${width * zoom}px`;
  const pictures = kernels(n, flat ? j : c);
  $("kernel").replaceChildren(...pictures);
  const where = flat ? `unit ${j}` : `unit (${i}, ${j}) of map ${c}`;
  $("said").textContent = `${network.layers[n].type}, ${where}: ${out.data[(i * W + j) * C + c].toFixed(3)}; it sees ${height} × ${width} pixels` +
    (pictures.length ? `, with the weights below${pictures.length > 1 ? `, one picture for each of ${pictures.length} maps before` : ""}.` : ".");
}
const fresh = () => show(prepared(ink(), network.inputShape));
const stroke = (kind, ...point) => { if (kind === "new") strokes.push([point]); else strokes[strokes.length - 1].push(point); fresh(); };
const place = (event) => { const box = $("pad").getBoundingClientRect(); return [(event.clientX - box.left) / box.width * SIDE, (event.clientY - box.top) / box.height * SIDE]; };
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
$("pad").onpointerdown = (e) => { $("pad").setPointerCapture(e.pointerId); stroke("new", ...place(e)); };
$("pad").onpointermove = (e) => { if (e.buttons && strokes.length) stroke("on", ...place(e)); };
$("pad").onkeydown = (e) => {
  const move = e.key === " " ? [0, 0] : ARROWS[e.key];
  if (!move && e.key !== "Backspace") return;
  if (!move) $("undo").click();
  else {
    [pen.x, pen.y] = [pen.x + STEP * move[1], pen.y + STEP * move[0]].map((v) => Math.max(0, Math.min(SIDE, v)));
    if (e.key === " ") pen.down = !pen.down;
    if (pen.down) stroke(e.key === " " ? "new" : "on", pen.x, pen.y);
  }
  e.preventDefault();
  $("said").textContent = `the pen is at ${pen.x}, ${pen.y}, ${pen.down ? "down" : "lifted"}`;
};
const pointed = (e) => {
  if (e.target.dataset.map === undefined || !said) return;
  const box = e.target.getBoundingClientRect();
  point(e.target, Math.floor((e.clientY - box.top) / box.height * e.target.height), Math.floor((e.clientX - box.left) / box.width * e.target.width));
};
$("maps").onpointermove = $("maps").onpointerdown = pointed;
$("maps").addEventListener("focusin", ({ target }) => point(target, +(target.dataset.i || 0), +(target.dataset.j || 0)));
$("maps").onkeydown = (e) => {
  const move = ARROWS[e.key];
  if (move) { e.preventDefault(); point(e.target, +e.target.dataset.i + move[0], +e.target.dataset.j + move[1]); }
};
$("clear").onclick = () => { strokes = []; pen.down = false; fresh(); };
$("undo").onclick = () => { strokes.pop(); pen.down = false; fresh(); };
$("example").onclick = () => { strokes = SEVEN.slice(); fresh(); };
$("file").onchange = async (e) => { if (e.target.files.length) open(new Uint8Array(await e.target.files[0].arrayBuffer())); };
function open(content) {
  try { network = new Network(content); rows(); fresh(); $("said").textContent = ""; }
  catch (error) { $("said").textContent = `The file is not shown: ${error.message}.`; }
}
open(bytes($("weights").textContent.trim()));
