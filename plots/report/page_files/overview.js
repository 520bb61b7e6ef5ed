// The overview: a small panel of every benchmark.

class Overview {
  constructor(root, note, state, onChoose) {
    Object.assign(this, { root, note, state, onChoose });
    this.cards = data.benchmarks.map((panel) => {
      const svg = drawn("svg", { class: "plot-small", "aria-hidden": "true" });
      const button = element("button", { type: "button" }, element("span", { class: "card-title" }, panel.title), svg);
      button.addEventListener("click", () => onChoose(panel.benchmark));
      const verdict = element("p", { class: "card-verdict" });
      return { panel, svg, button, verdict, root: element("div", { class: "card" }, button, verdict) };
    });
    root.append(...this.cards.map((card) => card.root));
    this.seen = new IntersectionObserver((found) => {
      for (const { target, isIntersecting } of found) this.cards.find((card) => card.root === target).visible = isIntersecting;
      this.drawStale();
    }, { rootMargin: "300px" });
    this.cards.forEach((card) => this.seen.observe(card.root));
  }

  /** Draw the panels that can be seen, and the others when they can. */
  draw() {
    for (const card of this.cards) card.stale = true;
    this.drawStale();
    const many = data.labels.length > 8;
    this.note.textContent = `Regret over the budget, in the unit of each benchmark, with its noise floor shaded. ${many ? "In colour: the best five by area, and random search. " : ""}Choose a panel to see the benchmark below.`;
  }

  drawStale(all = false) {
    for (const card of this.cards.filter((one) => one.stale && (one.visible || all))) {
      card.stale = false;
      this.drawCard(card);
    }
  }

  drawCard({ panel, svg, button, verdict }) {
    const { state } = this;
    const target = panel.targets.includes(state.target) ? state.target : panel.targets[0];
    const summary = summaryOf(target, panel.benchmark);
    const axis = state.axis || summary.axis;
    const view = panel.views[target].axes[axis];
    const curves = curvesOf(panel, target, axis, state.statistic || summary.statistic).filter((curve) => !state.hidden.has(curve.label));
    button.setAttribute("aria-pressed", String(panel.benchmark === state.benchmark));
    verdict.replaceChildren(...this.winner(panel));
    const width = Math.max(Math.round(svg.parentNode.clientWidth) - 16, 150);
    if (!curves.length) {
      svg.replaceChildren(drawn("text", { x: 8, y: 40 }, view.refused ? "no recorded times" : "no curve yet"));
      return;
    }
    drawCurves(svg, withColours(curves, panel, state), { ...frameOf(panel, summary, view, state, axis), width, height: 118, small: true });
  }

  /** Name the winner, or those that tie for the best: from the verdict matrix. */
  winner(panel) {
    const place = data.benchmarks.indexOf(panel) + 2;
    const rows = [...document.querySelectorAll("#verdict-matrix tbody tr")];
    const holding = (kind) => rows.filter((row) => row.cells[place].classList.contains(kind)).map((row) => row.dataset.label);
    const [won, tied] = [holding("win"), [...holding("tie")]];
    if (won.length) return ["won by ", chipOf(won[0])];
    if (tied.length > 1) return [`${tied.length} tie`, tied.length <= 2 ? ": " : "", ...(tied.length <= 2 ? tied.map(chipOf) : [])];
    return ["no verdict"];
  }
}

/** Return the curves with `muted` where they have neither colour nor band; the others come last, on top. */
function withColours(curves, panel, state) {
  const coloured = state.coloured ?? new Set(panel.leaders);
  const found = curves.map((curve) => ({ ...curve, muted: !coloured.has(curve.label) }));
  return [...found.filter((curve) => curve.muted), ...found.filter((curve) => !curve.muted)];
}
