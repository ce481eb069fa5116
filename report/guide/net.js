"use strict";
// Reads a network.npz as Network.save writes it, and runs it on one image [H, W, 1], layer by layer.
const text = (bytes) => new TextDecoder().decode(bytes);
function readNpz(bytes) {              // the archive's own list of entries, at its end
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), files = {};
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw new Error("it is no npz archive");
  let at = view.getUint32(end + 16, true);
  for (let count = view.getUint16(end + 10, true); count > 0; count--) {
    const [name, extra, comment] = [28, 30, 32].map((place) => view.getUint16(at + place, true));
    const size = view.getUint32(at + 24, true), local = view.getUint32(at + 42, true);
    if (view.getUint16(at + 10, true)) throw new Error("its entries are compressed");
    const from = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    files[text(bytes.subarray(at + 46, at + 46 + name))] = bytes.slice(from, from + size);
    at += 46 + name + extra + comment;
  }
  return files;
}
function readNpy(bytes, name) {
  if (!bytes) throw new Error(`it lacks the array ${name}`);
  const length = bytes[8] + 256 * bytes[9], head = text(bytes.subarray(10, 10 + length));
  const kind = head.match(/'<f([48])'/), shape = head.match(/\(([^)]*)\)/)[1].split(",").filter((s) => s.trim()).map(Number);
  if (!kind || head.includes("True")) throw new Error(`its array ${name} holds no plain numbers`);
  const data = new (kind[1] === "4" ? Float32Array : Float64Array)(bytes.slice(10 + length).buffer);
  if (data.length !== shape.reduce((a, b) => a * b, 1)) throw new Error(`its array ${name} is cut off`);
  return { shape, data };
}
const pair = (value) => (Array.isArray(value) ? value : [value, value]);
// How windows lie along rows and columns, as layers/windows.py has it.
const axes = (size, stride, padding = 0, dilation = 1) => [0, 1].map((d) => {
  const taps = pair(size)[d], apart = pair(dilation)[d], extent = apart * (taps - 1) + 1;
  const border = padding === "same" ? padding : pair(padding)[d];
  const [before, after] = pair(border === "same" ? (extent - 1) / 2 : border), step = pair(stride)[d];
  return { taps, apart, extent, before, stride: step, count: (side) => Math.floor((side + before + after - extent) / step) + 1 };
});
// Calls visit(output place, input place, tap) for each tap that lies on the image.
function overWindows([H, W], [rows, columns], visit) {
  const HO = rows.count(H), WO = columns.count(W);
  for (let i = 0; i < HO; i++) for (let j = 0; j < WO; j++)
    for (let a = 0; a < rows.taps; a++) for (let b = 0; b < columns.taps; b++) {
      const r = i * rows.stride + a * rows.apart - rows.before, q = j * columns.stride + b * columns.apart - columns.before;
      if (r >= 0 && q >= 0 && r < H && q < W) visit(i * WO + j, r * W + q, a * columns.taps + b);
    }
  return [HO, WO];
}
const each = (f) => (layer, { shape, data }) => ({ shape, data: data.map((v, n) => f(v, layer, n % shape[shape.length - 1])) });
const rectified = (layer, sums) => Float32Array.from(sums, (v) => (layer.activation ? Math.max(0, v) : v));
const LAYERS = {
  Convolution: {
    arrays: ["weight", "bias"], windows: (l) => axes(l.kernel_size, l.stride, l.padding, l.dilation),
    run(layer, { shape: [H, W, C], data }) {
      const F = layer.filters, G = layer.groups || 1, CG = C / G, FG = F / G, w = layer.weight.data;
      const [HO, WO] = layer.axes.map((axis, d) => axis.count([H, W][d])), sums = new Float64Array(HO * WO * F);
      sums.forEach((_, n) => { sums[n] = layer.bias.data[n % F]; });
      overWindows([H, W], layer.axes, (to, from, tap) => {
        for (let c = 0; c < C; c++) {
          const v = data[from * C + c], group = Math.floor(c / CG), at = (tap * CG + c % CG) * F;
          if (v) for (let f = group * FG; f < (group + 1) * FG; f++) sums[to * F + f] += v * w[at + f];
        }
      });
      const out = { shape: [HO, WO, F], data: rectified(layer, sums) }, side = layer.pooling;
      return side ? LAYERS.MaxPooling.run({ axes: axes(side, side) }, out) : out;
    },
  },
  MaxPooling: {
    windows: (l) => axes(l.size, l.stride || l.size, l.padding, l.dilation),
    run(layer, { shape: [H, W, C], data }) {
      const sides = layer.axes.map((axis, d) => axis.count([H, W][d]));
      const most = new Float32Array(sides[0] * sides[1] * C).fill(-Infinity);
      overWindows([H, W], layer.axes, (to, from) => {
        for (let c = 0; c < C; c++) most[to * C + c] = Math.max(most[to * C + c], data[from * C + c]);
      });
      return { shape: [...sides, C], data: most };
    },
  },
  Dense: { arrays: ["weight", "bias"],
    run(layer, { shape, data }) {
      if (shape.length > 1) throw new Error("this page knows Dense after Flatten only");
      const U = layer.units, sums = Float64Array.from(layer.bias.data), w = layer.weight.data;
      data.forEach((v, i) => { if (v) for (let u = 0; u < U; u++) sums[u] += v * w[i * U + u]; });
      return { shape: [U], data: rectified(layer, sums) };
    } },
  BatchNormalisation: { arrays: ["scale", "shift", "running_mean", "running_variance"],
    run: each((v, l, c) => (v - l.running_mean.data[c]) / Math.sqrt(l.running_variance.data[c] + l.epsilon) * l.scale.data[c] + l.shift.data[c]) },
  Flatten: { run: (layer, { data }) => ({ shape: [data.length], data }) },
  Dropout: { run: (layer, x) => x },
  ReLU: { run: each((v) => Math.max(0, v)) },
  Tanh: { run: each(Math.tanh) },
  Sigmoid: { run: each((v) => 1 / (1 + Math.exp(-v))) },
};
class Network {
  constructor(bytes) {
    const files = readNpz(bytes);
    if (!files["description.json"]) throw new Error("it is no network of Network.save");
    const { module } = JSON.parse(text(files["description.json"])), listed = module.layers && module.layers.layers;
    if (!Array.isArray(listed)) throw new Error("it is no network of layers in a row");
    const odd = [...new Set(listed.map((layer) => layer.type))].filter((name) => !LAYERS[name]);
    if (listed.some((layer) => layer.ceil_mode)) odd.push("ceil_mode");
    if (odd.length) throw new Error(`this page does not know ${odd.join(", ")}; it knows ${Object.keys(LAYERS).join(", ")}`);
    this.inputShape = module.input_shape;
    if (this.inputShape.length !== 3 || this.inputShape[2] !== 1) throw new Error(`it sees inputs of shape (${this.inputShape}), not grey images (rows, columns, 1)`);
    this.layers = listed.map((layer, n) => {
      const { arrays = [], windows } = LAYERS[layer.type], made = { ...layer, axes: windows && windows(layer) };
      for (const name of arrays) made[name] = readNpy(files[`layers.${n}.${name}.npy`], `layers.${n}.${name}`);
      return made;
    });
    const out = this.forward(new Float32Array(this.inputShape[0] * this.inputShape[1])).pop();
    if (out.shape.length > 1 || (module.answers || "labels") !== "labels") throw new Error("it tells no classes apart");
    this.classes = module.classes || Array.from(out.data, (_, k) => k);
  }
  // Returns what every layer says: a list of { shape, data }, the input first.
  forward(data) {
    const said = [{ shape: this.inputShape, data }];
    for (const layer of this.layers) said.push(LAYERS[layer.type].run(layer, said[said.length - 1]));
    return said;
  }
  probabilities(said) {
    const { data } = said[said.length - 1], top = Math.max(...data);
    const parts = Array.from(data, (x) => Math.exp(x - top)), sum = parts.reduce((a, b) => a + b);
    return parts.map((x) => x / sum);
  }
  // Returns the pixels that a unit of a map sees: [top, left, height, width].
  field(n, i, j) {
    const place = [i, j], sides = [1, 1];
    for (let k = n; k >= 0; k--) for (let d = 0; d < 2 && this.layers[k].axes; d++) {
      const { stride, extent, before } = this.layers[k].axes[d], pooled = this.layers[k].pooling || 1;
      sides[d] = (sides[d] * pooled - 1) * stride + extent;
      place[d] = place[d] * pooled * stride - before;
    }
    return [...place, ...sides];
  }
}
