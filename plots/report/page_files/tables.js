// The tables of one benchmark: ranking, tests, and the budget spent.

/** Make a table that the buttons in its head sort. `columns` are {name, title, spoken?, key?, cell}; `key` returns the sort key. */
function sortable(caption, columns, rows, order, onSort) {
  const sorted = [...rows];
  const column = columns.find((found) => found.name === order.by);
  if (column) sorted.sort((a, b) => order.sign * compared(column.key(a), column.key(b)) || 0);
  const heads = columns.map((found) => {
    const active = found.name === order.by;
    const state = active ? (order.sign > 0 ? "ascending" : "descending") : found.key ? "none" : null;
    const arrow = element("span", { class: "arrow", "aria-hidden": "true" }, active ? (order.sign > 0 ? "▲" : "▼") : "");
    const button = found.key ? element("button", { type: "button" }, found.title, arrow) : found.title || element("span", { class: "unseen" }, found.spoken);
    if (found.key) button.addEventListener("click", () => onSort({ by: found.name, sign: active ? -order.sign : 1 }));
    return element("th", { scope: "col", class: found.text ? "text" : null, "aria-sort": state, "data-column": found.name }, button);
  });
  return table(caption, heads, sorted.map((row) => tableRow(columns, row)));
}

/** Return a sort key for a number that may be missing. Missing numbers come last in both orders. */
const last = (order, value) => (value === null ? order.sign * Infinity : value);

function compared(a, b) {
  if (a === b) return 0;
  return typeof a === "string" ? a.localeCompare(b, "en") : a - b;
}

function tableRow(columns, row) {
  const cells = columns.map((column, i) => {
    const name = i ? "td" : "th";
    return element(name, { class: column.text ? "text" : null, scope: i ? null : "row" }, ...[column.cell(row)].flat());
  });
  return element("tr", { class: row.best ? "best" : null }, ...cells);
}

function table(caption, heads, rows) {
  const body = element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows));
  return element("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": caption }, body);
}

/** Draw a dot with its interval on a scale that all rows share. `zero` also draws the line of no difference. */
function whisker(found, limits, zero = false) {
  if (found.value === null) return "";
  const width = 84;
  const at = (value) => 4 + ((value - limits[0]) / (limits[1] - limits[0] || 1)) * (width - 8);
  const parts = zero ? [drawn("line", { class: "zero", x1: at(0), x2: at(0), y1: 0, y2: 14 })] : [];
  if (found.low !== null) parts.push(drawn("line", { class: "whisker", x1: at(found.low), x2: at(found.high), y1: 7, y2: 7 }));
  parts.push(drawn("circle", { cx: at(found.value), cy: 7, r: 3 }));
  return drawn("svg", { width, height: 14, class: "interval-plot", "aria-hidden": "true" }, ...parts);
}

function limitsOf(estimates, ...others) {
  const all = estimates.flatMap((found) => [found.value, found.low, found.high]).filter((value) => value !== null).concat(others);
  return [Math.min(...all), Math.max(...all)];
}

function named(look, label) {
  return element("span", { class: "named" }, swatch(look), element("span", {}, ...breakable(label)));
}

/** Whether a pair has a result: a fixed-sample test, or a look of a run until decided. */
const tested = (pair) => (pair.decision ? pair.decision.trials > 0 : pair.p_holm !== null);

/** Return the algorithms that were tested against all others and are unbeaten; empty if these are all algorithms. */
function unbeaten(summary) {
  const pairs = (label) => summary.pairs.filter((pair) => pair.a === label || pair.b === label);
  const standing = (label) => pairs(label).every((pair) => tested(pair) && pair.loser !== label);
  const found = summary.algorithms.map((one) => one.label).filter((label) => pairs(label).length && standing(label));
  return found.length < summary.algorithms.length ? found : [];
}

function rankingTable(summary, shown, looks, statistic, order, onSort) {
  const end = (row) => row[`${statistic}_end_regret`];
  const limits = limitsOf(summary.algorithms.map((row) => row.area));
  const best = unbeaten(summary);
  const rows = summary.algorithms.map((row) => ({ ...row, best: best.includes(row.label) }));
  const columns = [
    { name: "algorithm", title: "Algorithm", text: true, key: (row) => row.label, cell: (row) => named(looks.get(row.label), row.label) },
    { name: "trials", title: "Trials", key: (row) => row.trials, cell: trials },
    { name: "end", title: `${capital(statistic)} end regret [95 %]`, key: (row) => last(order, end(row).value), cell: (row) => estimate(end(row), shown) },
    { name: "area", title: "Area, dex [95 %]", key: (row) => last(order, row.area.value), cell: (row) => estimate(row.area, fixed(3)) },
    { name: "interval", title: "", spoken: "The interval of the area, drawn", cell: (row) => whisker(row.area, limits) },
    { name: "rank", title: "Mean rank", key: (row) => last(order, row.rank), cell: (row) => number(row.rank, row.rank?.toFixed(2)) },
    { name: "duplicates", title: "Duplicates", key: (row) => last(order, row.duplicates), cell: (row) => number(row.duplicates, row.duplicates === null ? "" : percent(row.duplicates)) },
  ];
  if (rows.some((row) => row.busy !== null)) {
    columns.push({ name: "busy", title: "Workers in use", key: (row) => last(order, row.busy), cell: (row) => number(row.busy, row.busy === null ? "" : percent(row.busy)) });
  }
  if (rows.some((row) => row.clipped)) {
    columns.push({ name: "clipped", title: "Below reference", key: (row) => row.clipped, cell: (row) => number(row.clipped, String(row.clipped)) });
  }
  return sortable("Ranking", columns, rows, order, onSort);
}

function trials(row) {
  const short = row.trials < row.wanted;
  const failed = row.failed.length ? `, ${row.failed.length} failed` : "";
  return [number(row.trials, String(row.trials)), short ? element("span", { class: "lacking" }, ` of ${row.wanted}${failed}`) : ""];
}



/** Return the verdict on a pair; of an open one also how many trials it will probably take, or what is missing. */
function verdict(row) {
  if (row.decision?.outcome !== "open") return row.verdict;
  const { forecast, reason } = row.decision;
  return `${row.verdict}: ${forecast === null ? reason : `probably ${forecast.toLocaleString("en")} trials`}`;
}

function testsTable(summary, looks, order, onSort) {
  const sequential = summary.stopping !== null;
  const rows = summary.pairs.map((pair) => {
    const found = pair.decision ?? pair;
    const value = pair.decision ? found.mean_difference : pair.median_difference;
    return { ...pair, estimate: { value, low: found.low, high: found.high } };
  });
  const limits = limitsOf(rows.map((row) => row.estimate), 0);
  const ratio = (value) => significant(10 ** value);
  const columns = [
    { name: "pair", title: "A, B", text: true, key: (row) => row.a, cell: (row) => [row.a, row.b].map((label) => named(looks.get(label), label)) },
    { name: "trials", title: sequential ? "After trials" : "Common trials", key: (row) => row.trials, cell: (row) => number(row.trials, String(row.trials)) },
    { name: "difference", title: "A − B, dex [95 %]", key: (row) => last(order, row.estimate.value), cell: (row) => estimate(row.estimate, fixed(3)) },
    { name: "interval", title: "", spoken: "The interval of the difference, drawn", cell: (row) => whisker(row.estimate, limits, true) },
    { name: "ratio", title: "Regret A / B", cell: (row) => (row.estimate.value === null ? "–" : ratio(row.estimate.value)) },
    { name: "p", title: "p (Holm)", key: (row) => last(order, row.p_holm), cell: (row) => number(row.p_holm, row.p_holm === null ? "" : probability(row.p_holm)) },
    { name: "resolution", title: "Resolution, dex", key: (row) => last(order, row.resolution), cell: (row) => number(row.resolution, row.resolution === null ? "" : significant(row.resolution, 2)) },
    { name: "verdict", title: "Verdict", text: true, key: (row) => row.verdict, cell: (row) => breakable(verdict(row)) },
  ];
  return sortable("Tests", columns.filter((column) => !(sequential && ["p", "resolution"].includes(column.name))), rows, order, onSort);
}

function spentTable(spent, looks) {
  const heads = ["Algorithm", "Trained to, epochs", "Evaluations per trial", "Charged per trial, s", "Share"];
  const rows = spent.flatMap(({ label, fidelities }) => {
    return fidelities.map((found, i) =>
      element(
        "tr",
        { class: i ? null : "first" },
        element("th", { scope: "row", class: "text" }, i ? element("span", { class: "unseen" }, label) : named(looks.get(label), label)),
        element("td", {}, number(found.fidelity, plain(found.fidelity))),
        element("td", {}, number(found.evaluations, plain(Number(found.evaluations.toPrecision(4))))),
        element("td", {}, number(found.seconds, found.seconds === null ? "" : significant(found.seconds, 4))),
        element("td", {}, number(found.share, found.share === null ? "" : percent(found.share))),
      ),
    );
  });
  return table("Budget spent", heads.map((title, i) => element("th", { scope: "col", class: i ? null : "text" }, title)), rows);
}
