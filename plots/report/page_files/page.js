// The page: its controls, light and dark mode, and printing.

function begin() {
  const state = {
    target: null, axis: null, statistic: null, x: "log", y: "log", hidden: new Set(),
    ranking: { by: "area", sign: 1 }, tests: { by: "", sign: 1 },
  };
  const controls = document.getElementById("controls");
  const explorer = new Explorer(data.benchmarks[0].benchmark, state);
  document.getElementById("explorers").append(explorer.root);
  const settle = () => {
    fillTargets(controls.elements.target, explorer);
    for (const name of ["axis", "statistic", "x", "y"]) controls.elements[name].value = name in { x: 0, y: 0 } ? state[name] : explorer[name];
    explorer.draw();
  };
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.addEventListener("change", ({ target }) => {
    if (target.name === "benchmark") explorer.show(target.value);
    else Object.assign(state, { [target.name]: target.value });
    if (target.name === "axis") explorer.cursor = null;
    settle();
  });
  settle();
  new ResizeObserver(() => explorer.drawFigure()).observe(document.getElementById("explorers"));
  printAll(explorer, state);
}

function fillTargets(select, explorer) {
  const { targets } = explorer.panel;
  select.replaceChildren(...targets.map((target) => element("option", { value: target }, target)));
  select.value = explorer.target;
  select.closest("label").hidden = targets.length < 2;
}

/** Show every benchmark in print. */
function printAll(explorer, state) {
  let others = [];
  addEventListener("beforeprint", () => {
    others = data.benchmarks.filter((panel) => panel !== explorer.panel).map((panel) => new Explorer(panel.benchmark, state));
    explorer.root.after(...others.map((other) => other.root));
    others.forEach((other) => other.draw());
  });
  addEventListener("afterprint", () => others.forEach((other) => other.root.remove()));
}

/** Let the button switch between light and dark. The system's preference is the default. */
function themeButton(button) {
  const root = document.documentElement;
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => (button.textContent = dark() ? "Light" : "Dark");
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    name();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  name();
}

themeButton(document.getElementById("theme"));
if (data.benchmarks.length) begin();
