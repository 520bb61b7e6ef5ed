// The data of the page.

const data = JSON.parse(document.getElementById("data").textContent);
const looks = looksOf(data.labels);
const panels = new Map(data.benchmarks.map((panel) => [panel.benchmark, panel]));

/** The summary of a benchmark by a target, as `regretta summary --json` has it. */
const summaryOf = (target, benchmark) => (data.by_target[target] ?? data.summary).benchmarks.find((found) => found.benchmark === benchmark);
