// The page: its controls, the address, light and dark mode, and printing.

class Page {
  constructor() {
    this.state = new State();
    this.state.readHash(location.hash);
    this.controls = document.getElementById("controls");
    this.explorer = new Explorer(this.state.benchmark, this.state, (entry) => this.settle(entry));
    document.getElementById("explorers").append(this.explorer.root);
    this.sorts = [...document.querySelectorAll(".matrix")].map((root) => sortableMatrix(root, this.state, () => this.settle(false)));
    const [panelsRoot, note] = ["panels", "panels-note"].map((id) => document.getElementById(id));
    this.overview = panelsRoot && new Overview(panelsRoot, note, this.state, (benchmark) => this.choose(benchmark));
    this.listen();
  }

  listen() {
    this.controls.addEventListener("submit", (event) => event.preventDefault());
    this.controls.addEventListener("change", ({ target }) => {
      if (target.name === "benchmark") Object.assign(this.state, { benchmark: target.value, trial: null });
      else Object.assign(this.state, { [target.name]: target.value });
      if (target.name === "axis") this.explorer.cursor = null;
      this.settle(target.name === "benchmark");
    });
    addEventListener("hashchange", () => this.restore());
    addEventListener("popstate", () => this.restore());
    for (const link of document.querySelectorAll("#contents a")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.go(link.getAttribute("href").slice(1));
        this.state.keep(true);
      });
    }
    new ResizeObserver(() => this.draw(false)).observe(document.getElementById("explorers"));
  }

  /** Take the state from the address, as after a step back. */
  restore() {
    this.state.readHash(location.hash);
    this.draw(true);
  }

  /** Choose a benchmark, and go to its view. */
  choose(benchmark) {
    Object.assign(this.state, { benchmark, trial: null });
    this.settle(true);
    this.go("results");
    this.state.keep();
  }

  go(section) {
    this.state.section = section;
    document.getElementById(section)?.scrollIntoView();
  }

  settle(entry) {
    this.state.keep(entry);
    this.draw(true);
  }

  /** Draw what depends on the state; `whole` also the tables. */
  draw(whole) {
    const { state, explorer } = this;
    if (explorer.panel.benchmark !== state.benchmark) explorer.show(state.benchmark);
    if (whole) {
      fillControls(this.controls, explorer);
      this.sorts.forEach((sort) => sort());
      explorer.draw();
    } else explorer.drawFigure();
    this.overview?.draw();
  }
}

/** Show the choices that hold, also those that are defaults of the benchmark. */
function fillControls(controls, explorer) {
  const { elements } = controls;
  const { targets } = explorer.panel;
  elements.benchmark.value = explorer.panel.benchmark;
  elements.target.replaceChildren(...targets.map((target) => element("option", { value: target }, target)));
  elements.target.value = explorer.target;
  elements.target.closest("label").hidden = targets.length < 2;
  for (const name of ["axis", "statistic", "x", "y"]) elements[name].value = name in { x: 0, y: 0 } ? explorer.state[name] : explorer[name];
}

/** Show every benchmark in print, without the trials. */
function printAll(page) {
  const { explorer, state } = page;
  let others = [];
  addEventListener("beforeprint", () => {
    page.overview?.drawStale(true);
    others = data.benchmarks.filter((panel) => panel !== explorer.panel).map((panel) => new Explorer(panel.benchmark, { ...state, curve: null, order: state.order }, () => {}));
    explorer.root.after(...others.map((other) => other.root));
    others.forEach((other) => other.draw());
  });
  addEventListener("afterprint", () => others.forEach((other) => other.root.remove()));
}

async function begin() {
  await Promise.all(data.benchmarks.map(async (panel) => Object.assign(panel, { unpacked: await unpackedNumbers(panel.numbers), numbers: null })));
  const page = new Page();
  page.draw(true);
  if (page.state.section) page.go(page.state.section);
  printAll(page);
}

fillChips(document);
themeButton(document.getElementById("theme"));
const ready = data.benchmarks.length ? begin() : Promise.resolve();
ready.finally(() => (document.documentElement.dataset.ready = "yes"));
