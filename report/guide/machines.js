"use strict";
// Machines that learn from one sample at a time. A machine has score(x) and learn(x, y), which says
// whether it changed anything; y is +1 or -1, settings are { rate, l2, gamma, hidden, dropout }.
const dot = (a, b) => a.reduce((sum, v, d) => sum + v * b[d], 0), one = (x) => [...x, 1];
const sigmoid = (z) => 1 / (1 + Math.exp(-z)), softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const signOf = (f) => (f > 0 ? 1 : -1);
// w += rate (slope(y f) y (x, 1) - l2 w), the bias without the penalty.
const linear = (slope, shrinks) => ({ rate, l2 }) => {
  const w = [0, 0, 0], k = shrinks ? l2 : 0;
  return { w, score: (x) => dot(w, one(x)), learn(x, y) {
    const s = slope(y * this.score(x));
    one(x).forEach((v, d) => { w[d] += rate * (s * y * v - (d < 2 ? k * w[d] : 0)); });
    return s > 0;
  } };
};
function kernelPerceptron({ gamma }) {
  const kept = [];                     // the samples that were mistaken, and how often
  const kernel = (a, b) => Math.exp(-gamma * ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2));
  return { kept, score: (x) => kept.reduce((sum, k) => sum + k.alpha * k.y * kernel(k.x, x), 0), learn(x, y) {
    if (y * this.score(x) > 0) return false;
    const known = kept.find((k) => k.x === x);
    if (known) known.alpha++; else kept.push({ x, y, alpha: 1 });
    return true;
  } };
}
// f(x) = v . (tanh(W (x, 1)), 1); a unit that is dropped says 0, the others 1 / (1 - dropout) as much.
function network({ rate, l2, hidden, dropout }, random) {
  const W = Array.from({ length: hidden }, () => [3, 3, 1].map((s) => s * (2 * random() - 1)));
  const v = Array.from({ length: hidden + 1 }, () => random() - 0.5);
  const units = (x, mask) => W.map((row, h) => (mask ? mask[h] : 1) * Math.tanh(dot(row, one(x))));
  return { W, v, score: (x) => dot(one(units(x)), v),
    gradients(x, y, mask) {            // of softplus(-y f) + l2 / 2 (|W|^2 + |v|^2), without the biases
      const z = one(units(x, mask)), g = -y * sigmoid(-y * dot(z, v));
      return {
        W: W.map((row, h) => {
          const m = mask ? mask[h] : 1, back = m && g * v[h] * (m - z[h] * z[h] / m);
          return one(x).map((input, d) => back * input + (d < 2 ? l2 * row[d] : 0));
        }),
        v: z.map((unit, h) => g * unit + (h < hidden ? l2 * v[h] : 0)),
      };
    },
    learn(x, y) {
      const mask = dropout ? W.map(() => (random() < dropout ? 0 : 1 / (1 - dropout))) : null, d = this.gradients(x, y, mask);
      [...W, v].forEach((row, h) => row.forEach((_, at) => { row[at] -= rate * [...d.W, d.v][h][at]; }));
      return true;
    } };
}
const MACHINES = {
  perceptron: { uses: ["rate"], make: linear((m) => (m <= 0 ? 1 : 0), false), loss: (m) => Math.max(0, -m), says: "w ← w + η y x where y w·x ≤ 0" },
  "logistic regression": { uses: ["rate", "l2"], make: linear((m) => sigmoid(-m), true), loss: (m) => softplus(-m), says: "w ← w + η (σ(−y w·x) y x − λ w)" },
  "support vectors": { uses: ["rate", "l2"], make: linear((m) => (m < 1 ? 1 : 0), true), loss: (m) => Math.max(0, 1 - m), says: "w ← w + η ([y w·x < 1] y x − λ w)" },
  "kernel perceptron": { uses: ["gamma"], make: kernelPerceptron, loss: (m) => Math.max(0, -m), says: "f(x) = Σ αᵢ yᵢ exp(−γ‖xᵢ − x‖²); αᵢ ← αᵢ + 1 where yᵢ f(xᵢ) ≤ 0" },
  network: { uses: ["rate", "l2", "hidden", "dropout"], make: network, loss: (m) => softplus(-m), says: "f(x) = v·tanh(W x + a) + c; each weight goes against its gradient (back-propagation)" },
};
// Novikoff's bound (R / delta)^2 on (x, 1), delta the margin of the nearest point of the hull of y (x, 1)
// to the origin (Gilbert 1966); null where no plane is found that parts the samples.
function novikoff(points, steps = 20000) {
  const z = points.map(({ x, y }) => one(x).map((v) => y * v)), w = z[0].slice();
  const least = () => z.reduce((best, p) => (dot(w, p) < dot(w, best) ? p : best), z[0]);
  for (let n = 0; n < steps; n++) {
    const p = least(), d = p.map((v, k) => v - w[k]), square = dot(d, d);
    if (square < 1e-24 || dot(w, d) > -1e-12) break;
    const t = Math.min(1, -dot(w, d) / square);
    w.forEach((v, k) => { w[k] = v + t * d[k]; });
  }
  const delta = dot(w, least()) / Math.sqrt(dot(w, w));
  return delta > 1e-6 ? Math.max(...z.map((p) => dot(p, p))) / delta ** 2 : null;
}
const generator = (seed) => () => {    // mulberry32: the same points and order in every browser
  let t = (seed = (seed + 0x6d2b79f5) | 0);
  t = Math.imul(t ^ (t >>> 15), t | 1); t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const DATA = {
  blobs: (r, y) => [y * 0.36 + 0.6 * (r() - 0.5), y * 0.3 + 0.6 * (r() - 0.5)],
  "exclusive or": (r, y) => { const s = r() < 0.5 ? 1 : -1; return [s * (0.15 + 0.75 * r()), y * s * (0.15 + 0.75 * r())]; },
  rings: (r, y) => { const a = 2 * Math.PI * r(), d = y > 0 ? 0.35 * Math.sqrt(r()) : 0.65 + 0.25 * r(); return [d * Math.cos(a), d * Math.sin(a)]; },
  spirals: (r, y) => { const t = r(), a = 3.5 * Math.PI * t + (y > 0 ? Math.PI : 0); return [t * 0.9 * Math.cos(a), t * 0.9 * Math.sin(a)]; },
};
// Returns points of lines x, y, class; what reaches beyond the square is scaled into it.
function readPoints(lines) {
  const rows = lines.trim().split(/\r?\n/).map((line) => line.split(/[,;\t]/).map((cell) => cell.trim()));
  if (rows.length && rows[0].slice(0, 2).some((cell) => !Number.isFinite(parseFloat(cell)))) rows.shift();
  const names = [...new Set(rows.map((row) => row[2]))].sort();
  rows.forEach((row, n) => {
    if (row.length !== 3 || row.slice(0, 2).some((cell) => cell === "" || !Number.isFinite(+cell)))
      throw new Error(`row ${n + 1}: write two numbers and a class, such as 0.5, -0.2, yes`);
  });
  if (names.length !== 2) throw new Error(`there are ${names.length} classes; the plane has room for two`);
  const reach = [0, 1].map((d) => rows.map((row) => +row[d])).map((v) => [Math.min(...v), Math.max(...v)]);
  const fits = reach.every(([low, high]) => low >= -1 && high <= 1);
  const placed = (v, [low, high]) => (fits ? v : high > low ? 1.8 * (v - low) / (high - low) - 0.9 : 0);
  return rows.map((row) => ({ x: reach.map((r, d) => placed(+row[d], r)), y: row[2] === names[1] ? 1 : -1 }));
}
