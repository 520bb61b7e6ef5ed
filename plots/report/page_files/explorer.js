// The view of one benchmark: its choices, its figure and tables, and the cursor.

/** The view of one benchmark, made from the template. Every change of a choice redraws all of it. */
class Explorer {
  /** `onStep` is called after a choice within the view, with whether it is an entry in the history. */
  constructor(benchmark, state, onStep) {
    Object.assign(this, { state, onStep });
    this.root = document.getElementById("explorer").content.cloneNode(true).firstElementChild;
    this.part = (name) => this.root.querySelector(`[data-part="${name}"]`);
    this.cursor = null; // {label, x}, or null for the end of the curves
    this.show(benchmark);
    this.part("plot").addEventListener("pointermove", (event) => this.hover(event));
    this.part("plot").addEventListener("pointerdown", (event) => this.hover(event));
    this.part("plot").addEventListener("click", () => this.cursor && this.openTrials(this.cursor.label));
    this.part("plot").addEventListener("keydown", (event) => this.key(event));
    this.part("all").addEventListener("click", () => this.step({ hidden: new Set() }, false));
    this.part("downloads").replaceChildren(
      saveButtons("the figure", ["SVG", () => saveSvg(this.part("plot"), this.keys(), this.name())], ["PNG", () => savePng(this.part("plot"), this.keys(), this.name())], ["CSV", () => this.saveNumbers()]),
    );
    this.trials = new Trials(this.part("drill"), this);
  }

  show(benchmark) {
    this.panel = panels.get(benchmark);
    this.cursor = null;
  }

  /** Change the state and draw again. */
  step(change, entry = true) {
    Object.assign(this.state, change);
    this.onStep(entry);
  }

  /** The keys of the curves in colour, for a saved figure. */
  keys() {
    return this.curves.filter((curve) => !curve.muted);
  }

  name() {
    return `regret-${this.panel.benchmark}-${this.axis}-${this.statistic}`;
  }

  get target() {
    return this.panel.targets.includes(this.state.target) ? this.state.target : this.panel.targets[0];
  }

  get summary() {
    return summaryOf(this.target, this.panel.benchmark);
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
    const sort = (name) => (order) => {
      state.orders[name] = order;
      this.step({}, false);
    };
    this.putTable("ranking", rankingTable(summary, shown, looks, statistic, state.order("ranking", "area"), sort("ranking")), "ranking");
    this.part("ranking-note").textContent = this.rankingNote();
    const alone = () => element("p", {}, "Nothing to compare: there is only one algorithm.");
    if (summary.pairs.length) {
      this.part("pairs").replaceChildren(...pairsMatrix(summary, state, () => this.step({}, false)));
      this.putTable("tests", testsTable(summary, looks, state.order("tests"), sort("tests")), "tests");
    } else this.put("pairs", alone());
    this.part("tests-details").hidden = !summary.pairs.length;
    if (panel.spent.length) this.putTable("spent", spentTable(panel.spent, looks), "budget");
    else this.put("spent", element("p", {}, "No trial is complete yet."));
    this.trials.draw();
  }

  /** Replace a part by a table with buttons that save it. */
  putTable(name, content, words) {
    this.put(name, element("div", {}, content, tableButtons(() => content.querySelector("table"), `${words}-${this.panel.benchmark}`, `the table: ${words}`)));
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
    const busy = summary.algorithms.some((found) => found.busy !== null) ? " Workers in use: share of the simulated time of all workers." : "";
    return (
      `End regret in ${this.panel.unit}. Area: mean log₁₀ regret up to ${plain(summary.horizon)} ${kind}, clipped at the ` +
      `${summary.floor_assumed ? "assumed " : ""}noise floor of ${floor}; lower is better. Bold: tested against all others and ` +
      `unbeaten. Duplicates: share of evaluations that repeat an architecture and fidelity within a trial.${busy}${common}`
    );
  }

  drawFigure() {
    const { view, panel, summary, state } = this;
    const curves = curvesOf(panel, this.target, this.axis, this.statistic);
    const visible = curves.filter((curve) => !state.hidden.has(curve.label));
    this.part("why").textContent = view.refused ? `${capital(view.refused)}.` : curves.length ? "" : "No curve yet: no algorithm has an incumbent in all of its trials.";
    this.part("why").hidden = Boolean(curves.length);
    this.part("figure").hidden = !curves.length;
    this.part("all").hidden = !state.hidden.size;
    this.curves = withColours(visible, panel, state);
    if (!curves.length) return;
    const width = Math.max(this.part("plot").parentNode.clientWidth, 260);
    const height = Math.round(Math.min(Math.max(0.62 * width, 270), 440));
    this.drawing = drawCurves(this.part("plot"), this.curves, { ...frameOf(panel, summary, view, state, this.axis), width, height });
    const known = this.curves.filter((curve) => curve.exact).map((curve) => curve.label);
    const exact = known.length ? ` Dotted: the exact curve, computed without simulation (${known.join(", ")}).` : "";
    this.part("caption").textContent = panel.views[this.target].captions[this.statistic] + exact;
    this.drawLegend(curves);
    this.readOut();
  }

  drawLegend(curves) {
    this.part("legend").replaceChildren(...legendRows(this, curves));
    this.part("hint").textContent = legendHint(this, curves);
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
    const marked = this.cursor ? chosen?.label : this.state.curve;
    for (const line of plot.querySelectorAll(".curve")) line.classList.toggle("chosen", line.dataset.label === marked);
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
    if (!this.curves.length) return undefined;
    const place = Math.max(0, this.curves.findIndex((curve) => curve.label === this.cursor?.label));
    let curve = this.curves[place];
    let i = Math.max(0, indexAt(curve.x, this.cursor?.x ?? this.view.horizon));
    const moves = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity };
    const turns = { ArrowUp: -1, ArrowDown: 1 };
    if (event.key in moves) i += moves[event.key];
    else if (event.key in turns) {
      curve = this.curves[(place + turns[event.key] + this.curves.length) % this.curves.length];
      i = indexAt(curve.x, this.cursor?.x ?? this.view.horizon);
    } else if (event.key === "Enter") return this.openTrials(curve.label);
    else if (event.key !== "Escape") return undefined;
    event.preventDefault();
    this.cursor = event.key === "Escape" ? null : { label: curve.label, x: curve.x[Math.min(Math.max(i, 0), curve.x.length - 1)] };
    return this.readOut();
  }

  /** Show the trials of a curve. */
  openTrials(label) {
    this.step({ curve: label, trial: null });
  }

  /** Save the numbers of the visible curves in the units shown. */
  saveNumbers() {
    const { panel, view } = this;
    const seconds = this.axis === "seconds";
    const heads = ["benchmark", "label", "x", "centre", "low", "high", "n_trials", "target", "axis", "statistic", "unit", "x_unit"];
    const known = this.curves.some((curve) => curve.exact);
    if (known) heads.push("exact");
    const rows = [heads];
    for (const { label } of view.curves) {
      const curve = this.curves.find((found) => found.label === label);
      curve?.x.forEach((x, i) => {
        const numbers = [x / view.unit.length, curve.centre[i] * panel.factor, curve.low[i] * panel.factor, curve.high[i] * panel.factor, curve.n_trials];
        const exact = known ? [curve.exact ? curve.exact[i] * panel.factor : NaN] : [];
        rows.push([panel.benchmark, label, ...numbers, this.target, this.axis, this.statistic, panel.unit, seconds ? view.unit.name : "evaluations", ...exact]);
      });
    }
    save(`${this.name()}.csv`, new Blob([csvText(rows)], { type: "text/csv" }));
  }
}
