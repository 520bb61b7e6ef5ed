// The curves of one benchmark: steps with bands and markers, and a cursor.

const MARKERS = {
  o: () => drawn("circle", { r: 3.6 }),
  s: () => polygon([[-3.2, -3.2], [3.2, -3.2], [3.2, 3.2], [-3.2, 3.2]]),
  "^": () => polygon([[0, -4.2], [4, 3.2], [-4, 3.2]]),
  v: () => polygon([[0, 4.2], [4, -3.2], [-4, -3.2]]),
  "<": () => polygon([[-4.2, 0], [3.2, 4], [3.2, -4]]),
  ">": () => polygon([[4.2, 0], [-3.2, 4], [-3.2, -4]]),
  D: () => polygon([[0, -4.6], [4.6, 0], [0, 4.6], [-4.6, 0]]),
  p: () => polygon(corners(5, () => 4.3)),
  "*": () => polygon(corners(10, (i) => (i % 2 ? 2 : 5))),
};

const polygon = (points) => drawn("polygon", { points: points.map((point) => point.join(",")).join(" ") });

function corners(n, radius) {
  return Array.from({ length: n }, (_, i) => {
    const angle = (2 * Math.PI * i) / n - Math.PI / 2;
    return [radius(i) * Math.cos(angle), radius(i) * Math.sin(angle)].map((part) => part.toFixed(2));
  });
}

function marker(look, at = [0, 0]) {
  return filled(MARKERS[look.marker](), { fill: look.colour, class: "marker", transform: `translate(${at[0]},${at[1]})` }, []);
}

/** A sample of an algorithm's line, for legends and tables. */
function swatch(look) {
  const line = drawn("line", { x1: 1, x2: 27, y1: 7, y2: 7, stroke: look.colour, "stroke-width": 2, "stroke-dasharray": dashes(look) });
  return drawn("svg", { width: 28, height: 14, class: "swatch", "aria-hidden": "true" }, line, marker(look, [14, 7]));
}

const dashes = (look) => (look.dashes.length ? look.dashes.map((length) => 2 * length).join(" ") : null);

/** Return the index of the last point at or before `x`, or -1 before the first. */
function indexAt(points, x) {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const MARGIN = { left: 62, right: 16, top: 12, bottom: 46 };
const SMALL_MARGIN = { left: 48, right: 14, top: 6, bottom: 20 };
let clips = 0;

/**
 * Draw curves into an SVG.
 *
 * `curves` are the visible ones: {label, look, x, centre, low, high}, x in counts or seconds, regret in the benchmark's
 * unit. A curve may be `muted` (grey, without band and markers), or `bare` and `thin` (without band and markers).
 * `frame` has width, height, horizon, floor, floorName, xKind, yKind, xUnit, yUnit (display factors), xName, yName. A
 * `small` one has few ticks, and no names, bands and markers. Returns the geometry of the drawing: {curves, x, y, box, cursor}.
 */
function drawCurves(svg, curves, frame) {
  const margin = frame.small ? SMALL_MARGIN : MARGIN;
  const [right, bottom] = [frame.width - margin.right, frame.height - margin.bottom];
  const limits = reach(curves, frame);
  const x = scale(frame.xKind, limits.left, frame.horizon, margin.left, right, frame.xUnit);
  const y = scale(frame.yKind, limits.low, limits.high, bottom, margin.top, frame.yUnit);
  const clip = `clip-${(clips += 1)}`;
  const box = { x: margin.left, y: margin.top, width: right - margin.left, height: bottom - margin.top };
  const inside = drawn("g", { "clip-path": `url(#${clip})` });
  filled(svg, { viewBox: `0 0 ${frame.width} ${frame.height}`, height: frame.height }, []);
  svg.replaceChildren(
    drawn("defs", {}, drawn("clipPath", { id: clip }, drawn("rect", { ...box, y: box.y - 6, height: box.height + 6 }))),
    ...axes(frame, x, y, box),
    ...shade(frame, y, box),
    inside,
  );
  const plain = (curve) => frame.small || curve.muted || curve.bare;
  for (const curve of curves.filter((found) => !plain(found))) inside.append(band(curve, x, y));
  for (const curve of curves) inside.append(line(curve, x, y));
  for (const curve of curves.filter((found) => found.exact && !frame.small)) inside.append(exactLine(curve, x, y));
  for (const curve of curves.filter((found) => !plain(found))) inside.append(...markersAlong(curve, x, y, limits.left));
  const cursor = drawn("g", { class: "cursor" });
  svg.append(cursor);
  return { curves, x, y, box, cursor };
}

/** Return the axis limits of the visible curves, by the same rules as in the figures. */
function reach(curves, frame) {
  const first = Math.min(...curves.map((curve) => curve.x[0]));
  const left = Math.min(Math.max(first, frame.horizon / 3000), frame.horizon / 2);
  let [least, most] = [Infinity, 0];
  for (const curve of curves) {
    for (let i = Math.max(indexAt(curve.x, left), 0); i < curve.x.length; i += 1) {
      for (const value of [curve.centre[i], curve.low[i], curve.high[i]]) {
        if (value > 0) least = Math.min(least, value);
        if (value > most) most = value;
      }
    }
  }
  if (frame.yKind === "linear") return { left: frame.xKind === "log" ? left : 0, low: 0, high: 1.05 * Math.max(most, frame.floor) };
  const low = Math.min(frame.floor / 2, Math.max(0.8 * least, frame.floor / 10));
  return { left: frame.xKind === "log" ? left : 0, low, high: 1.2 * Math.max(most, 2 * frame.floor) };
}

function axes(frame, x, y, box) {
  const [right, bottom] = [box.x + box.width, box.y + box.height];
  const across = x.ticks(Math.max(frame.small ? 2 : 3, Math.floor(box.width / 64)));
  const up = y.ticks(Math.max(frame.small ? 2 : 3, Math.floor(box.height / (frame.small ? 30 : 40))));
  return [
    ...up.others.map((at) => drawn("line", { class: "minor", x1: box.x - 3, x2: box.x, y1: at, y2: at })),
    ...across.others.map((at) => drawn("line", { class: "minor", y1: bottom, y2: bottom + 3, x1: at, x2: at })),
    ...up.named.map(({ at }) => drawn("line", { class: "grid", x1: box.x, x2: right, y1: at, y2: at })),
    ...across.named.map(({ at }) => drawn("line", { class: "grid", y1: box.y, y2: bottom, x1: at, x2: at })),
    ...up.named.map(({ at, text }) => drawn("text", { class: "tick", x: box.x - (frame.small ? 5 : 8), y: at + 4, "text-anchor": "end" }, text)),
    ...across.named.map(({ at, text }) => drawn("text", { class: "tick", x: at, y: bottom + (frame.small ? 14 : 18), "text-anchor": "middle" }, text)),
    drawn("path", { class: "axis", d: `M${box.x},${box.y}V${bottom}H${right}` }),
    ...(frame.small ? [] : axisNames(frame, box)),
  ];
}

function axisNames(frame, box) {
  const [bottom, middle] = [box.y + box.height, box.y + box.height / 2];
  return [
    drawn("text", { class: "name", x: box.x + box.width / 2, y: bottom + 39, "text-anchor": "middle" }, frame.xName),
    drawn("text", { class: "name", "text-anchor": "middle", transform: `translate(13,${middle}) rotate(-90)` }, frame.yName),
  ];
}

function shade(frame, y, box) {
  const top = y.at(frame.floor);
  const height = Math.max(box.y + box.height - top, 0);
  const rect = drawn("rect", { class: "floor", x: box.x, width: box.width, y: top, height });
  return [rect, drawn("text", { class: "floor-name", x: box.x + 6, y: top + 13 }, height > 16 && !frame.small ? frame.floorName : "")];
}

function steps(curve, values, x, y) {
  let path = "";
  for (let i = 0; i < values.length; i += 1) {
    if (Number.isNaN(values[i])) continue;
    const height = y.at(values[i]).toFixed(2);
    path += path ? `H${x.at(curve.x[i]).toFixed(2)}V${height}` : `M${x.at(curve.x[i]).toFixed(2)},${height}`;
  }
  return path;
}

function band(curve, x, y) {
  let back = "";
  for (let i = curve.low.length - 1; i >= 0; i -= 1) {
    if (Number.isNaN(curve.low[i])) return drawn("path");
    const height = y.at(curve.low[i]).toFixed(2);
    back += `V${height}H${x.at(curve.x[i]).toFixed(2)}`;
  }
  return drawn("path", { class: "band", fill: curve.look.colour, d: `${steps(curve, curve.high, x, y)}${back}Z` });
}

function line(curve, x, y) {
  const d = steps(curve, curve.centre, x, y);
  const kind = ["curve", curve.muted ? "muted" : "", curve.thin ? "thin" : ""].filter(Boolean).join(" ");
  return drawn("path", { class: kind, stroke: curve.muted ? null : curve.look.colour, "stroke-dasharray": curve.bare ? null : dashes(curve.look), d, "data-label": curve.label });
}

/** The curve that is known without simulation: dotted, on top of the simulated one. */
function exactLine(curve, x, y) {
  return drawn("path", { class: "exact", "stroke-dasharray": "1.5 3", d: steps(curve, curve.exact, x, y) });
}

/** Return a few markers per curve, at different places for different curves. */
function markersAlong(curve, x, y, left) {
  const [from, to] = [x.at(Math.max(left, curve.x[0])), x.at(curve.x.at(-1))];
  const found = new Set();
  for (let k = 0; k < 5; k += 1) {
    const wanted = from + ((to - from) * (k + 0.15 + 0.7 * curve.phase)) / 5;
    let i = 0;
    while (i < curve.x.length - 1 && x.at(curve.x[i]) < wanted) i += 1;
    found.add(i);
  }
  return [...found].map((i) => marker(curve.look, [x.at(curve.x[i]).toFixed(2), y.at(curve.centre[i]).toFixed(2)]));
}

/** Move the cursor to `at`, a count or [s]: a line with a dot on every curve. */
function drawCursor(drawing, at, chosen) {
  const { x, y, box, curves, cursor } = drawing;
  const place = x.at(at);
  cursor.replaceChildren(drawn("line", { x1: place, x2: place, y1: box.y, y2: box.y + box.height }));
  for (const curve of curves) {
    const i = indexAt(curve.x, at);
    if (i < 0) continue;
    const height = Math.min(y.at(curve.centre[i]), box.y + box.height);
    cursor.append(drawn("circle", { cx: place, cy: height, r: curve.label === chosen ? 5 : 3.5, fill: curve.look.colour }));
  }
}
