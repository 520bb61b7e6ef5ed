// The state of the page: everything that the reader chose. It is kept in the hash of the address.

/**
 * The choices of the reader. Null stands for the default of the benchmark. `coloured` has the labels with colour and
 * band, or is null for the leaders of the benchmark. Orders are {by, sign}.
 */
class State {
  constructor() {
    this.defaults = {
      benchmark: data.benchmarks[0]?.benchmark ?? null, target: null, axis: null, statistic: null, x: "log", y: "log",
      curve: null, trial: null, section: "",
    };
    Object.assign(this, this.defaults, { hidden: new Set(), coloured: null, orders: {}, all: false });
  }

  /** Write the state as a hash: the section that the reader went to, and every choice that is not the default. */
  toHash() {
    const words = new URLSearchParams();
    for (const name of ["benchmark", "target", "axis", "statistic", "x", "y", "curve", "trial"]) {
      if (this[name] !== this.defaults[name]) words.set(name, this[name]);
    }
    for (const label of this.hidden) words.append("hide", label);
    if (this.coloured) for (const label of this.coloured.size ? this.coloured : [""]) words.append("colour", label);
    for (const [table, { by, sign }] of Object.entries(this.orders)) words.append("sort", `${table}:${sign < 0 ? "-" : ""}${by}`);
    if (this.all) words.set("evaluations", "all");
    const text = words.toString();
    return `#${this.section}${text ? `&${text}` : ""}`;
  }

  /** Read a hash. What does not fit this page is left out. */
  readHash(hash) {
    const [section, ...rest] = hash.replace(/^#/, "").split("&");
    const words = new URLSearchParams(rest.join("&"));
    const known = (value, among) => (among.includes(value) ? value : null);
    const chosen = (name, among, other = null) => known(words.get(name), among) ?? other;
    const labels = (name) => words.getAll(name).filter((label) => looks.has(label));
    Object.assign(this, this.defaults, {
      section: document.getElementById(section) ? section : "",
      benchmark: chosen("benchmark", [...panels.keys()], this.defaults.benchmark),
      axis: chosen("axis", ["evaluations", "seconds"]),
      statistic: chosen("statistic", ["mean", "median"]),
      x: chosen("x", ["log", "linear"], "log"),
      y: chosen("y", ["log", "linear"], "log"),
      curve: chosen("curve", [...looks.keys()]),
      trial: /^\d+$/.test(words.get("trial") ?? "") ? words.get("trial") : null,
      hidden: new Set(labels("hide")),
      coloured: words.has("colour") ? new Set(labels("colour")) : null,
      all: words.get("evaluations") === "all",
    });
    this.target = chosen("target", panels.get(this.benchmark)?.targets ?? []);
    this.orders = {};
    for (const text of words.getAll("sort")) {
      const [, table, minus, by] = /^([a-z-]+):(-?)(.*)$/.exec(text) ?? [];
      if (table) this.orders[table] = { by, sign: minus ? -1 : 1 };
    }
  }

  order(table, by = "") {
    return this.orders[table] ?? { by, sign: 1 };
  }

  /** Keep the state in the address. A step that the reader may want to take back is an entry in the history. */
  keep(step = false) {
    const hash = this.toHash();
    if (hash === location.hash || (hash === "#" && !location.hash)) return;
    history[step ? "pushState" : "replaceState"](null, "", hash === "#" ? location.pathname + location.search : hash);
  }
}
