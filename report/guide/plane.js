"use strict";
// The plane page: samples, a machine that is shown them in random order, and its curves.
const $ = (id) => document.getElementById(id), SIDE = 320, CELL = 4, SAMPLES = 80;
const RANGES = { rate: [1e-4, 100], l2: [0, 1], gamma: [0.01, 1000], hidden: [1, 64], dropout: [0, 0.9], seed: [0, 1e9] };
const START = { machine: "perceptron", data: "blobs", rate: "0.1", l2: "0.01", gamma: "8", hidden: "8", dropout: "0", seed: "1" };
const state = { ...START, ...Object.fromEntries(new URLSearchParams(location.hash.slice(1))) };
let points, machine, order, at, random, curve, updates, shown, timer, bound;
function settings() {                  // as numbers, each brought into its range
  return Object.fromEntries(Object.entries(RANGES).map(([key, [low, high]]) => {
    const given = Number.isFinite(+state[key]) && state[key] !== "" ? +state[key] : +START[key], whole = key === "hidden" || key === "seed";
    const value = Math.max(low, Math.min(high, whole ? Math.round(given) : given));
    return [key, +(state[key] = $(key).value = String(value))];
  }));
}
function renew() {                     // new samples of the chosen kind
  random = generator(settings().seed);
  points = Array.from({ length: SAMPLES }, (_, n) => { const y = n % 2 ? 1 : -1; return { x: DATA[state.data](random, y), y }; });
  delete state.points; forget();
}
function own(found) {                  // samples that are not drawn by rule: the address holds them
  points = found;
  state.points = points.map(({ x, y }) => [...x.map((v) => Math.round(1000 * v)), y].join(" ")).join("_");
  points = known(state.points); forget();
}
const known = (listed) => listed.split("_").map((p) => p.split(" ").map(Number)).map(([a, b, y]) => ({ x: [a / 1000, b / 1000], y: signOf(y) }));
function forget() {
  const chosen = settings();
  random = generator(chosen.seed + 1);
  machine = MACHINES[state.machine].make(chosen, random);
  order = []; at = 0; curve = []; updates = 0; shown = null; bound = state.machine === "perceptron" ? novikoff(points) : null;
  for (const label of document.querySelectorAll("[data-key]")) {
    const { key } = label.dataset, useless = ["rate", "l2", "gamma", "hidden", "dropout"].includes(key) && !MACHINES[state.machine].uses.includes(key);
    label.hidden = useless || (state.hide || "").split(",").includes(key);
  }
  history.replaceState(null, "", "#" + new URLSearchParams(state));
  note(); draw();
}
function step() {
  if (at === order.length) {
    order = points.map((_, n) => n);
    for (let n = order.length - 1; n > 0; n--) { const m = Math.floor(random() * (n + 1)); [order[n], order[m]] = [order[m], order[n]]; }
    at = 0;
  }
  shown = points[order[at++]]; if (machine.learn(shown.x, shown.y)) updates++;
  if (at === order.length) note();
}
const pass = () => { do step(); while (at < order.length); };
function note() {
  const margins = points.map((p) => p.y * machine.score(p.x)), share = (values) => values.reduce((sum, v) => sum + v, 0) / points.length;
  curve.push([share(margins.map(MACHINES[state.machine].loss)), share(margins.map((m) => +(m <= 0)))]);
}
function draw() {
  const context = $("plane").getContext("2d");
  for (let i = 0; i < SIDE; i += CELL) for (let j = 0; j < SIDE; j += CELL) {
    const f = machine.score([(j + CELL / 2) / SIDE * 2 - 1, 1 - (i + CELL / 2) / SIDE * 2]), t = Math.tanh(Math.abs(f) * 2);
    context.fillStyle = f > 0 ? `rgb(${255 - 90 * t},${255 - 40 * t},255)` : `rgb(255,${255 - 50 * t},${255 - 110 * t})`;
    context.fillRect(j, i, CELL, CELL);
  }
  (machine.W || []).forEach(([a, b, c], h) => {   // a hidden unit: where it is 0, as thick as it counts
    const n = Math.hypot(a, b) || 1e-9, to = (t) => [((-c * a / n - t * b) / n + 1) / 2 * SIDE, (1 - (-c * b / n + t * a) / n) / 2 * SIDE];
    context.beginPath(); context.moveTo(...to(-4)); context.lineTo(...to(4)); context.lineWidth = Math.min(5, Math.abs(machine.v[h]));
    context.strokeStyle = "#555"; context.stroke();
  });
  context.lineWidth = 1;
  for (const p of points) {
    context.beginPath(); context.arc((p.x[0] + 1) / 2 * SIDE, (1 - p.x[1]) / 2 * SIDE, p === shown ? 8 : 4, 0, 7);
    context.fillStyle = p.y > 0 ? "#1450a0" : "#d2691e"; context.fill(); context.strokeStyle = p === shown ? "#000" : "#fff"; context.stroke();
  }
  const top = Math.max(...curve.map(([loss]) => loss), 1e-9), [loss, wrong] = curve[curve.length - 1];
  const line = (k, most) => curve.map((c, n) => `${n / Math.max(curve.length - 1, 1) * 300},${100 - c[k] / most * 95}`).join(" ");
  $("curve").innerHTML = `<polyline points="${line(0, top)}" stroke="#1450a0"/><polyline points="${line(1, 1)}" stroke="#d62728"/>`;
  $("rule").textContent = MACHINES[state.machine].says;
  const words = [`${curve.length - 1} passes, ${updates} updates`, `loss ${loss.toFixed(4)}`, `wrong ${(100 * wrong).toFixed(1)} %`];
  if (state.machine === "perceptron") words.splice(1, 0, bound ? `the bound (R/δ)² is ${bound.toFixed(1)}` : "no line parts the samples, so there is no bound");
  if (machine.kept) words.push(`${machine.kept.length} samples kept`);
  $("said").textContent = words.join("; ");
}
function run(on) {
  clearInterval(timer); timer = on ? setInterval(() => { pass(); draw(); }, 60) : null;
  $("run").textContent = on ? "stop" : "run";
}
for (const [key, choices] of [["machine", MACHINES], ["data", DATA]]) {
  $(key).replaceChildren(...Object.keys(choices).map((name) => new Option(name)));
  if (!(state[key] in choices)) state[key] = START[key];
  $(key).value = state[key];
}
for (const key of Object.keys(START)) $(key).onchange = () => { state[key] = $(key).value; if (key === "data" || (key === "seed" && !state.points)) renew(); else forget(); };
Object.entries({ step: () => { step(); draw(); }, pass: () => { pass(); draw(); }, run: () => run(!timer), again: () => { run(false); forget(); } })
  .forEach(([name, act]) => { $(name).onclick = act; });
$("plane").onpointerdown = (e) => {
  const box = $("plane").getBoundingClientRect(), place = [(e.clientX - box.left) / box.width * 2 - 1, 1 - (e.clientY - box.top) / box.height * 2];
  own([...points, { x: place, y: e.button || e.shiftKey || $("orange").checked ? -1 : 1 }]);
};
$("plane").oncontextmenu = (e) => e.preventDefault();
$("read").onclick = () => { try { own(readPoints($("csv").value)); } catch (error) { $("said").textContent = `Not read: ${error.message}.`; } };
const exported = () => JSON.stringify({ ...state, points, machine, curve, updates, bound });
$("export").onclick = () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([exported()], { type: "application/json" })); link.download = "plane.json"; link.click();
};
if (state.points) own(known(state.points)); else renew();
