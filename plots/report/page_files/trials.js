// From a curve to its trials, and from a trial to its evaluations.

const STEP = 200; // evaluations that the table shows at first, and adds at a time

class Trials {
  constructor(root, explorer) {
    Object.assign(this, { root, explorer, shown: STEP });
  }

  get state() {
    return this.explorer.state;
  }

  /** Show the trials of the chosen curve, or nothing. The numbers are decoded first. */
  async draw() {
    const { state, explorer } = this;
    const { panel } = explorer;
    if (!state.curve) return this.root.replaceChildren();
    const found = await trialsOf(panel.benchmark);
    if (panel !== explorer.panel || !state.curve) return undefined;
    const cell = found?.cells.get(state.curve);
    const close = element("button", { type: "button" }, "Close");
    close.addEventListener("click", () => explorer.step({ curve: null, trial: null }));
    const head = element("h4", { id: "trials", tabindex: -1 }, "Trials of ", chipOf(state.curve), " ", close);
    if (!cell) return this.root.replaceChildren(element("div", { class: "drill" }, head, element("p", {}, "No trial is complete yet.")));
    const kept = cell.kept.get(state.trial) ?? [...cell.kept.values()].find((one) => one.mark === "median") ?? [...cell.kept.values()][0];
    const parts = [head, this.note(cell), this.figure(cell, kept, found), this.table(cell, kept), ...(kept ? this.trial(cell, kept, found) : [])];
    return this.root.replaceChildren(element("div", { class: "drill" }, ...parts));
  }

  note(cell) {
    const few = traces.complete ? "" : ` Because the study is large, the page has the evaluations of only the best, the median and the worst trial of each algorithm (by area); the table has all ${cell.rows.length} trials.`;
    return element("p", { class: "note" }, `Every line is a trial, on the axes of the figure above. Choose a trial in the table to see its evaluations.${few}`);
  }

  /** Draw the trials as thin lines, with the chosen one in colour. */
  figure(cell, chosen, found) {
    const { explorer } = this;
    const { view, summary, panel, target, axis } = explorer;
    const svg = drawn("svg", { role: "img", "aria-label": `Regret of single trials of ${cell.label}` });
    if (view.refused) return element("p", {}, `${capital(view.refused)}.`);
    const look = looks.get(cell.label);
    const curves = [...cell.kept.values()].map((kept) => {
      const { x, y } = regretOf(kept, target, axis, found.optima[target], view.horizon);
      return { label: kept.trial, look, phase: 0, x, centre: y, low: [], high: [], exact: null, thin: kept !== chosen, bare: true };
    });
    curves.sort((a, b) => Number(b.thin) - Number(a.thin));
    const width = Math.max(explorer.root.clientWidth, 260);
    drawCurves(svg, curves.filter((curve) => curve.x.length), { ...frameOf(panel, summary, view, this.state, axis), width, height: 250, short: true });
    const name = `trials-${panel.benchmark}-${cell.label}`;
    const buttons = saveButtons("the figure of trials", ["SVG", () => saveSvg(svg, [{ look, label: cell.label }], name)], ["PNG", () => savePng(svg, [{ look, label: cell.label }], name)]);
    return element("div", { class: "plot" }, svg, buttons);
  }

  table(cell, chosen) {
    const { explorer, state } = this;
    const { panel, target } = explorer;
    const unit = panel.unit;
    const choose = (row) => {
      if (!cell.kept.has(row.trial)) return element("span", {}, row.trial);
      const button = element("button", { type: "button", "aria-pressed": String(row.trial === chosen?.trial) }, row.trial);
      button.addEventListener("click", () => {
        this.shown = STEP;
        explorer.step({ trial: row.trial });
      });
      return button;
    };
    const columns = [
      { name: "trial", title: "Trial", text: true, key: (row) => Number(row.trial), cell: (row) => choose(row) },
      { name: "end", title: `End regret, ${unit}`, key: (row) => row.end[target], cell: (row) => number(row.end[target], significant(row.end[target] * panel.factor)) },
      { name: "area", title: "Area, dex", key: (row) => row.area[target], cell: (row) => number(row.area[target], fixed(3)(row.area[target])) },
      { name: "ended", title: "Ended by", text: true, key: (row) => row.ended, cell: (row) => row.ended },
      { name: "mark", title: "By area", text: true, key: (row) => row.mark || "~", cell: (row) => row.mark || "–" },
    ];
    const order = state.order("trials", "area");
    const body = sortable("Trials", columns, cell.rows, order, (next) => {
      state.orders.trials = next;
      explorer.step({}, false);
    });
    body.classList.add("tall");
    return element("div", { "data-part": "trial-table" }, body, tableButtons(() => body.querySelector("table"), `trials-${panel.benchmark}-${cell.label}`, "the table of trials"));
  }

  /** Return the heading, the incumbent's picture, and the evaluations of one trial. */
  trial(cell, kept, found) {
    const { explorer, state } = this;
    const { panel, target } = explorer;
    const evaluations = evaluationsOf(kept);
    const last = changesOf(kept).at(-1);
    const head = element("h4", {}, `Trial ${kept.trial}${kept.mark ? ` (${kept.mark} by area)` : ""}: ${evaluations.length.toLocaleString("en")} evaluations`);
    const box = element("input", { type: "checkbox", checked: state.all });
    box.addEventListener("change", () => {
      this.shown = STEP;
      explorer.step({ all: box.checked }, false);
    });
    const rows = state.all ? evaluations : evaluations.filter((one) => one.incumbent);
    const body = this.evaluationTable(rows.slice(0, this.shown), found.optima[target]);
    const more = rows.length > this.shown ? element("button", { type: "button" }, `Show ${Math.min(STEP, rows.length - this.shown)} more of ${rows.length}`) : null;
    more?.addEventListener("click", () => {
      this.shown += STEP;
      this.draw();
    });
    const final = last ? this.final(kept, evaluations[last.held]) : null;
    const whole = () => this.evaluationTable(rows, found.optima[target]).querySelector("table");
    const buttons = tableButtons(whole, `trial-${kept.trial}-${panel.benchmark}-${cell.label}`, "the evaluations");
    return [head, final, element("label", { class: "check" }, box, " all evaluations, not only those that became the incumbent"), body, element("p", { class: "buttons" }, more, buttons)];
  }

  /** The final incumbent, drawn if the page has its picture. */
  final(kept, evaluation) {
    const picture = kept.columns.pictures.get(evaluation.architecture);
    const text = element("code", {}, evaluation.text);
    return element("figure", { class: "final" }, picture ? importedSvg(picture) : null, element("figcaption", {}, "Final incumbent: ", text));
  }

  evaluationTable(rows, optimum) {
    const { panel, target } = this.explorer;
    const fraction = panel.unit === "percentage points";
    const shown = (value) => (value === undefined || Number.isNaN(value) ? number(null) : number(value, significant(value * panel.factor, 4)));
    const errorUnit = fraction ? "%" : panel.unit;
    const several = new Set(rows.map((row) => row.fidelity)).size > 1;
    const timed = rows.some((row) => Number.isFinite(row.end) && row.end > 0);
    const heads = [
      ["Evaluation", ""], ...(timed ? [["Start, s", ""], ["End, s", ""]] : []), ...(several ? [["Epochs", ""]] : []), ["Architecture", "text"],
      [`Observed error, ${errorUnit}`, ""], [`True error, ${errorUnit}`, ""], [`Regret, ${panel.unit}`, ""], ["Incumbent", "text"],
    ];
    const body = rows.map((row) => {
      const error = row.errors?.[target];
      const cells = [
        element("th", { scope: "row" }, String(row.number)),
        ...(timed ? [element("td", {}, number(row.start, significant(row.start, 5))), element("td", {}, number(row.end, significant(row.end, 5)))] : []),
        ...(several ? [element("td", {}, plain(row.fidelity))] : []),
        element("td", { class: "text architecture" }, element("code", {}, row.text)),
        element("td", {}, shown(row.observed)),
        element("td", {}, shown(error)),
        element("td", {}, error === undefined ? number(null) : shown(Math.max(error - optimum, 0))),
        element("td", { class: "text" }, row.incumbent ? "yes" : row.completed ? "" : "cut off by the budget"),
      ];
      return element("tr", { class: row.incumbent ? "held" : null }, ...cells);
    });
    const found = table("Evaluations", heads.map(([title, kind]) => element("th", { scope: "col", class: kind || null }, title)), body);
    found.classList.add("tall");
    return found;
  }
}

/** Read a picture as an SVG element. */
function importedSvg(text) {
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  return document.importNode(root, true);
}
