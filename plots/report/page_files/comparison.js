// Two results folders side by side: a panel per algorithm, with the old and the new curve.

const sides = JSON.parse(document.getElementById("data").textContent);
const allLabels = [...new Map([...sides.old.labels, ...sides.new.labels].map((look) => [look.label, look])).values()];
const looks = looksOf(allLabels);
const CHOICES = ["benchmark", "axis", "statistic", "x", "y"];

class Comparison {
  constructor(root, controls) {
    Object.assign(this, { root, controls });
    this.state = { benchmark: controls.elements.benchmark.value, axis: null, statistic: null, x: "log", y: "log" };
    this.readHash();
    controls.addEventListener("submit", (event) => event.preventDefault());
    controls.addEventListener("change", ({ target }) => {
      this.state[target.name] = target.value;
      history.replaceState(null, "", `#&${new URLSearchParams(Object.entries(this.state).filter(([, value]) => value !== null))}`);
      this.draw();
    });
    addEventListener("hashchange", () => {
      this.readHash();
      this.draw();
    });
    new ResizeObserver(() => this.draw()).observe(root);
  }

  readHash() {
    const words = new URLSearchParams(location.hash.replace(/^#[^&]*&?/, ""));
    for (const name of CHOICES) {
      const control = this.controls.elements[name];
      const known = [...(control.options ?? control)].map((one) => one.value);
      if (known.includes(words.get(name))) this.state[name] = words.get(name);
    }
  }

  /** Return what one side has of the chosen benchmark, or null. */
  side(name) {
    const panel = sides[name].benchmarks.find((one) => one.benchmark === this.state.benchmark);
    if (!panel) return null;
    const summary = sides[name].summary.benchmarks.find((one) => one.benchmark === this.state.benchmark);
    const axis = this.state.axis || summary.axis;
    const statistic = this.state.statistic || summary.statistic;
    const view = panel.views[summary.target].axes[axis];
    return { panel, summary, axis, statistic, view, curves: curvesOf(panel, summary.target, axis, statistic) };
  }

  draw() {
    const [old, fresh] = [this.side("old"), this.side("new")];
    const main = fresh ?? old;
    const { elements } = this.controls;
    for (const name of CHOICES) elements[name].value = this.state[name] ?? main[name];
    const labels = allLabels.map((look) => look.label).filter((label) => [old, fresh].some((side) => side?.curves.some((curve) => curve.label === label)));
    if (!labels.length) return this.root.replaceChildren(element("p", {}, main.view.refused ? `${capital(main.view.refused)}.` : "No curve yet."));
    const width = Math.max(Math.min(Math.floor(this.root.clientWidth / Math.min(labels.length, 3)) - 18, 560), 260);
    return this.root.replaceChildren(...labels.map((label) => this.card(label, old, fresh, main, width)));
  }

  card(label, old, fresh, main, width) {
    const grey = { ...looks.get(label), colour: "#8a8f98", dashes: [3, 1.5] };
    const of = (side, look) => (side?.curves ?? []).filter((curve) => curve.label === label).map((curve) => ({ ...curve, look, exact: null }));
    const curves = [...of(old, grey), ...of(fresh, looks.get(label))];
    const svg = drawn("svg", { role: "img", "aria-label": `Old and new regret of ${label}` });
    const horizon = Math.max(...curves.map((curve) => curve.x.at(-1)));
    drawCurves(svg, curves, { ...frameOf(main.panel, main.summary, main.view, this.state, main.axis), horizon, width, height: 260 });
    const alone = curves.length < 2 ? element("p", { class: "note" }, fresh?.curves.some((curve) => curve.label === label) ? "Only the new results have this curve." : "Only the old results have this curve.") : null;
    const chip = element("span", { class: "chip" }, swatch(looks.get(label)), ...breakable(label));
    const name = `comparison-${main.panel.benchmark}-${label}`;
    const keys = [{ look: looks.get(label), label: "new" }, { look: grey, label: "old" }];
    const buttons = saveButtons(`the figure of ${label}`, ["SVG", () => saveSvg(svg, keys, name)], ["PNG", () => savePng(svg, keys, name)]);
    return element("div", { class: "plot pair-of-curves" }, element("h3", {}, chip), svg, alone, buttons);
  }
}

async function begin() {
  const all = [...sides.old.benchmarks, ...sides.new.benchmarks];
  await Promise.all(all.map(async (panel) => Object.assign(panel, { unpacked: await unpackedNumbers(panel.numbers), numbers: null })));
  const controls = document.getElementById("controls");
  if (all.length) new Comparison(document.getElementById("pairs-of-curves"), controls).draw();
}

for (const chip of document.querySelectorAll("main > section .chip")) if (looks.has(chip.dataset.label)) chip.prepend(swatch(looks.get(chip.dataset.label)));
themeButton(document.getElementById("theme"));
begin().finally(() => (document.documentElement.dataset.ready = "yes"));
