// The view of one benchmark: its choices, its figure and tables, and the cursor.

const data = JSON.parse(document.getElementById("data").textContent);
const looks = new Map(data.labels.map((look) => [look.label, look]));
const panels = new Map(data.benchmarks.map((panel) => [panel.benchmark, panel]));

/** The view of one benchmark, made from the template. Every change of a choice redraws all of it. */
class Explorer {
  constructor(benchmark, state) {
    this.state = state;
    this.root = document.getElementById("explorer").content.cloneNode(true).firstElementChild;
    this.part = (name) => this.root.querySelector(`[data-part="${name}"]`);
    this.cursor = null; // {label, x}, or null for the end of the curves
    this.show(benchmark);
    this.part("plot").addEventListener("pointermove", (event) => this.hover(event));
    this.part("plot").addEventListener("pointerdown", (event) => this.hover(event));
    this.part("plot").addEventListener("keydown", (event) => this.key(event));
    this.part("save").addEventListener("click", () => this.save());
    this.part("all").addEventListener("click", () => this.choose({ hidden: new Set() }));
  }

  show(benchmark) {
    this.panel = panels.get(benchmark);
    this.cursor = null;
  }

  choose(change) {
    Object.assign(this.state, change);
    this.draw();
  }

  get target() {
    return this.panel.targets.includes(this.state.target) ? this.state.target : this.panel.targets[0];
  }

  get summary() {
    return data.by_target[this.target].benchmarks.find((found) => found.benchmark === this.panel.benchmark);
  }

  get statistic() {
    return this.state.statistic || this.summary.statistic;
  }

  get axis() {
    return this.state.axis || this.summary.axis;
  }

  get view() {
    return this.panel.views[this.target].axes[this.axis];
  }

  draw() {
    const { panel, summary, state, statistic } = this;
    const views = panel.views[this.target];
    const shown = (value) => significant(value * panel.factor);
    this.part("title").textContent = panel.title;
    this.part("provenance").textContent = summary.provenance;
    this.part("provenance").className = `tag ${summary.provenance}`;
    this.part("target").textContent = `by ${this.target}`;
    this.part("caption").textContent = views.captions[statistic];
    this.drawFigure();
    const sort = (name) => (order) => this.choose({ [name]: order });
    this.put("ranking", rankingTable(summary, shown, looks, statistic, state.ranking, sort("ranking")));
    this.part("ranking-note").textContent = this.rankingNote();
    const tests = testsTable(summary, looks, state.tests, sort("tests"));
    this.put("tests", summary.pairs.length ? tests : element("p", {}, "Nothing to compare: there is only one algorithm."));
    this.put("spent", panel.spent.length ? spentTable(panel.spent, looks) : element("p", {}, "No trial is complete yet."));
  }

  /** Replace a part. The focus stays on the same column heading. */
  put(name, content) {
    const part = this.part(name);
    const column = part.contains(document.activeElement) && document.activeElement.closest("[data-column]")?.dataset.column;
    part.replaceChildren(content);
    if (column) [...part.querySelectorAll("[data-column]")].find((head) => head.dataset.column === column)?.querySelector("button")?.focus();
  }

  rankingNote() {
    const { summary } = this;
    const kind = summary.axis === "seconds" ? "s of simulated time" : "evaluations";
    const floor = `${significant(summary.floor * this.panel.factor, 2)} ${this.panel.unit}`;
    const most = Math.max(0, ...summary.algorithms.map((found) => found.trials));
    const common = summary.rank_trials && summary.rank_trials < most ? ` Ranks are over the ${summary.rank_trials} common trials.` : "";
    return (
      `End regret in ${this.panel.unit}. Area: mean log₁₀ regret up to ${plain(summary.horizon)} ${kind}, clipped at the ` +
      `${summary.floor_assumed ? "assumed " : ""}noise floor of ${floor}; lower is better. Bold: tested against all others and ` +
      `unbeaten. Duplicates: share of evaluations that repeat an architecture and fidelity within a trial.${common}`
    );
  }

  drawFigure() {
    const { view, panel, summary, state } = this;
    const curves = view.refused ? [] : view.curves.filter((curve) => unpacked(curve.x).length);
    const visible = curves.filter((curve) => !state.hidden.has(curve.label));
    this.part("why").textContent = view.refused ? `${capital(view.refused)}.` : curves.length ? "" : "No curve yet: no algorithm has an incumbent in all of its trials.";
    this.part("why").hidden = Boolean(curves.length);
    this.part("figure").hidden = !curves.length;
    this.part("all").hidden = !state.hidden.size;
    this.curves = visible.map((curve) => ({
      label: curve.label,
      look: looks.get(curve.label),
      phase: data.labels.findIndex((look) => look.label === curve.label) / data.labels.length,
      x: unpacked(curve.x),
      ...Object.fromEntries(["centre", "low", "high"].map((name) => [name, unpacked(curve[this.statistic][name])])),
      exact: curve[this.statistic].exact ? unpacked(curve[this.statistic].exact) : null,
    }));
    if (!curves.length) return;
    const seconds = this.axis === "seconds";
    const width = Math.max(this.part("plot").clientWidth, 260);
    this.drawing = drawCurves(this.part("plot"), this.curves, {
      width,
      height: Math.round(Math.min(Math.max(0.62 * width, 270), 440)),
      horizon: view.horizon,
      floor: summary.floor,
      floorName: summary.floor_assumed ? "assumed noise floor" : "noise floor",
      xKind: state.x,
      yKind: state.y,
      xUnit: 1 / view.unit.length,
      yUnit: panel.factor,
      xName: seconds ? `simulated time [${view.unit.name}]` : "completed evaluations",
      yName: `regret [${panel.unit}]`,
    });
    const known = this.curves.filter((curve) => curve.exact).map((curve) => curve.label);
    const exact = known.length ? ` Dotted: the exact curve, computed without simulation (${known.join(", ")}).` : "";
    this.part("caption").textContent = panel.views[this.target].captions[this.statistic] + exact;
    this.drawLegend(curves);
    this.readOut();
  }

  drawLegend(curves) {
    const rows = curves.map(({ label, n_trials }) => {
      const box = element("input", { type: "checkbox", checked: !this.state.hidden.has(label) });
      box.addEventListener("change", () => {
        const hidden = new Set(this.state.hidden);
        if (box.checked) hidden.delete(label);
        else hidden.add(label);
        this.choose({ hidden });
        [...this.part("legend").querySelectorAll("tr")].find((row) => row.dataset.label === label)?.querySelector("input").focus();
      });
      const name = element("label", {}, box, swatch(looks.get(label)), element("span", {}, ...breakable(label)));
      const cells = [element("th", { scope: "row", class: "text" }, name), element("td", {}, element("span", { class: "value" }), element("span", { class: "interval" }))];
      return element("tr", { "data-label": label, "data-trials": n_trials, class: box.checked ? null : "off" }, ...cells);
    });
    this.part("legend").replaceChildren(...rows);
  }

  /** Write the values at the cursor into the legend, and for screen readers. */
  readOut() {
    const { view, panel, curves } = this;
    const chosen = curves.find((curve) => curve.label === this.cursor?.label) || curves[0];
    const at = this.cursor?.x ?? view.horizon;
    const [x, unit] = this.axis === "seconds" ? [significant(at, 4), "s"] : [plain(at), at === 1 ? "evaluation" : "evaluations"];
    const other = view.unit.length === 1 ? "" : ` (${significant(at / view.unit.length)} ${view.unit.name})`;
    this.part("at").replaceChildren(number(at, x), ` ${unit}${other}`);
    const spoken = [];
    for (const row of this.part("legend").querySelectorAll("tr")) {
      const curve = curves.find((found) => found.label === row.dataset.label);
      const i = curve ? indexAt(curve.x, at) : -1;
      const shown = (value) => significant(value * panel.factor, 4);
      const here = i >= 0;
      row.querySelector(".value").replaceChildren(here ? number(curve.centre[i], shown(curve.centre[i])) : number(null));
      row.querySelector(".interval").replaceChildren(...(here && !Number.isNaN(curve.low[i]) ? interval(curve.low[i], curve.high[i], shown) : []));
      row.classList.toggle("chosen", Boolean(this.cursor) && curve === chosen);
      if (here) spoken.push(`${curve.label} ${shown(curve.centre[i])}`);
    }
    const plot = this.part("plot");
    plot.setAttribute("aria-valuenow", at);
    plot.setAttribute("aria-valuemax", view.horizon);
    plot.setAttribute("aria-valuetext", `${x} ${unit}: ${spoken.join(", ")} ${panel.unit}`);
    for (const line of plot.querySelectorAll(".curve")) line.classList.toggle("chosen", Boolean(this.cursor) && line.dataset.label === chosen?.label);
    if (curves.length) drawCursor(this.drawing, at, this.cursor ? chosen.label : null);
  }

  /** Move the cursor to the point of the nearest curve that is nearest to the pointer. */
  hover(event) {
    const { x, y, curves } = this.drawing;
    if (!curves.length) return;
    const area = this.part("plot").getBoundingClientRect();
    const [left, top] = [event.clientX - area.left, event.clientY - area.top];
    let [nearest, least] = [null, Infinity];
    for (const curve of curves) {
      const i = this.nearest(curve, left, x);
      const away = Math.abs(y.at(curve.centre[i]) - top) + Math.max(0, x.at(curve.x[0]) - left - 1) * 10;
      if (away < least) [nearest, least] = [{ label: curve.label, x: curve.x[i] }, away];
    }
    this.cursor = nearest;
    this.readOut();
  }

  nearest(curve, left, x) {
    let [low, high] = [0, curve.x.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (x.at(curve.x[middle]) <= left) low = middle;
      else high = middle;
    }
    return Math.abs(x.at(curve.x[low]) - left) <= Math.abs(x.at(curve.x[high]) - left) ? low : high;
  }

  /** Move the cursor: left and right along the curve, up and down to another curve. */
  key(event) {
    if (!this.curves.length) return;
    const place = Math.max(0, this.curves.findIndex((curve) => curve.label === this.cursor?.label));
    let curve = this.curves[place];
    let i = Math.max(0, indexAt(curve.x, this.cursor?.x ?? this.view.horizon));
    const moves = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity };
    const turns = { ArrowUp: -1, ArrowDown: 1 };
    if (event.key in moves) i += moves[event.key];
    else if (event.key in turns) {
      curve = this.curves[(place + turns[event.key] + this.curves.length) % this.curves.length];
      i = indexAt(curve.x, this.cursor?.x ?? this.view.horizon);
    } else if (event.key !== "Escape") return;
    event.preventDefault();
    this.cursor = event.key === "Escape" ? null : { label: curve.label, x: curve.x[Math.min(Math.max(i, 0), curve.x.length - 1)] };
    this.readOut();
  }

  /** Save the numbers of the visible curves, with the columns of `regretta plot`. */
  save() {
    const heads = ["benchmark", "label", "x", "centre", "low", "high", "n_trials", "target", "axis", "statistic"];
    const known = this.curves.some((curve) => curve.exact);
    if (known) heads.push("exact");
    const quoted = (value) => (/[",\n\r]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : Number.isNaN(value) ? "" : String(value));
    const lines = [heads.join(",")];
    for (const curve of this.curves) {
      const { n_trials } = this.view.curves.find((found) => found.label === curve.label);
      curve.x.forEach((x, i) => {
        const numbers = [x, curve.centre[i], curve.low[i], curve.high[i], n_trials];
        const exact = known ? [curve.exact ? curve.exact[i] : NaN] : [];
        lines.push([this.panel.benchmark, curve.label, ...numbers, this.target, this.axis, this.statistic, ...exact].map(quoted).join(","));
      });
    }
    const address = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/csv" }));
    element("a", { href: address, download: `regret-${this.panel.benchmark}-${this.axis}-${this.statistic}.csv` }).click();
    URL.revokeObjectURL(address);
  }
}
