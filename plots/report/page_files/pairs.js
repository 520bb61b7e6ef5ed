// The matrix of pairs of one benchmark: differences in area, shaded where they were tested.

/** Return the difference of a pair from the view of `label` [dex], or null; negative if `label` is better. */
function pairDifference(pair, label) {
  const value = pair.decision ? pair.decision.mean_difference : pair.median_difference;
  return value === null ? null : pair.a === label ? value : -value;
}

/** How dark a pair is: 0 if it was not tested or no difference was found, up to 4. */
const pairShade = (pair, value) => (pair.winner && value !== null ? Math.min(4, 1 + Math.floor(Math.abs(value) / 0.15)) : 0);

function pairsMatrix(summary, state, redraw) {
  const labels = summary.algorithms.map((one) => one.label);
  const order = state.order("pairs", "area");
  const areas = new Map(summary.algorithms.map((one) => [one.label, one.area.value ?? Infinity]));
  if (order.by === "area") labels.sort((a, b) => order.sign * compared(areas.get(a), areas.get(b)) || 0);
  const found = new Map(summary.pairs.flatMap((pair) => [[JSON.stringify([pair.a, pair.b]), pair], [JSON.stringify([pair.b, pair.a]), pair]]));
  const heads = [element("th", { scope: "col", class: "text" }, "Row − column"), ...labels.map((label, i) => element("th", { scope: "col", title: label }, swatch(looks.get(label)), element("span", { "aria-hidden": "true" }, String(i + 1)), element("span", { class: "unseen" }, label)))];
  const rows = labels.map((a, i) => element("tr", {}, element("th", { scope: "row", class: "text" }, element("span", { class: "place", "aria-hidden": "true" }, String(i + 1)), chipOf(a)), ...labels.map((b) => pairCell(a, b, found.get(JSON.stringify([a, b]))))));
  const body = table("Pairs", heads, rows);
  body.classList.add("pairs");
  const toggle = element("button", { type: "button" }, order.by === "area" ? "In the order of the experiment" : "Sort by area");
  toggle.addEventListener("click", () => {
    state.orders.pairs = { by: order.by === "area" ? "experiment" : "area", sign: 1 };
    redraw();
  });
  return [body, element("p", { class: "buttons" }, toggle)];
}

function pairCell(a, b, pair) {
  if (!pair) return element("td", { class: "self" }, element("span", { class: "unseen" }, "the same algorithm"));
  const value = pairDifference(pair, a);
  const better = pair.winner === a;
  const shade = pairShade(pair, value);
  const kind = shade ? `${better ? "better" : "worse"} d${shade}` : "level";
  const p = pair.p_holm === null ? "" : `, p ${pair.p_holm < 0.001 ? "< 0.001" : `= ${probability(pair.p_holm)}`}`;
  return element("td", { class: kind, title: `${a} − ${b}: ${pair.verdict}${p}` }, number(value, value === null ? "" : signed(value)), shade ? element("span", { class: "unseen" }, better ? " better" : " worse") : null);
}

const signed = (value) => `${value > 0 ? "+" : ""}${minus(value.toFixed(2))}`.replace(/^[+−]0\.00$/, "0.00");
