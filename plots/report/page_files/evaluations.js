// The evaluations behind the curves, as plots/report/traces.py encodes them. A benchmark is decoded when it is needed.

const traces = JSON.parse(document.getElementById("traces").textContent);
const decodedTraces = new Map();

/** Decode the trials of a benchmark; null without any trial. */
function trialsOf(benchmark) {
  if (!decodedTraces.has(benchmark)) decodedTraces.set(benchmark, traces.benchmarks[benchmark] ? decodeTrials(traces.benchmarks[benchmark]) : Promise.resolve(null));
  return decodedTraces.get(benchmark);
}

async function decodeTrials(found) {
  const targets = found.targets;
  const [numbers, distinct, architecture, fidelity, observed, charged, truncated, places, incumbents, texts, ...errors] = await Promise.all([
    unpackedNumbers(found.numbers), unpackedCounts(found.distinct), unpackedCounts(found.architecture),
    unpackedNumbers(found.fidelity), unpackedNumbers(found.observed), unpackedNumbers(found.charged),
    unpackedCounts(found.truncated), unpackedCounts(found.places), unpackedCounts(found.incumbents),
    unpackedLines(found.texts), ...targets.map((target) => unpackedNumbers(found.errors[target])),
  ]);
  const times = found.times ? await Promise.all(found.times.map(unpackedNumbers)) : null;
  const drawings = found.pictures ? await unpackedLines(found.pictures.drawings) : [];
  const pictures = new Map((found.pictures?.numbers ?? []).map((number, i) => [number, drawings[i]]));
  const cut = new Set(truncated);
  const columns = { distinct, architecture, fidelity, observed, charged, times, cut, places, incumbents, errors, targets, texts, pictures };
  let [row, change, at] = [0, 0, 0];
  const cells = new Map();
  for (const cell of found.cells) {
    const kept = new Map();
    for (const [trial, mark] of Object.entries(cell.kept).sort((a, b) => a[0] - b[0])) {
      kept.set(trial, { trial, mark, row, n: found.rows[at], change, nChanges: found.changes[at], columns });
      row += found.rows[at];
      change += found.changes[at];
      at += 1;
    }
    const rows = cell.trials.map((trial, i) => ({
      trial: String(trial),
      mark: cell.kept[trial] ?? "",
      ended: cell.ended[trial] ?? "budget",
      area: Object.fromEntries(targets.map((target) => [target, numbers[cell.area[target] + i]])),
      end: Object.fromEntries(targets.map((target) => [target, numbers[cell.end[target] + i]])),
    }));
    cells.set(cell.label, { label: cell.label, rows, kept });
  }
  return { cells, optima: found.optima };
}

/**
 * Return the evaluations of a kept trial in the order of submission: {number, architecture, text, fidelity, start, end,
 * observed, completed, incumbent}. `incumbent` is whether it became the incumbent; then `errors` has its true errors.
 */
function evaluationsOf(kept) {
  const { row, n, columns } = kept;
  const found = [];
  let clock = 0;
  for (let i = 0; i < n; i += 1) {
    const key = columns.distinct[row + i];
    const start = columns.times ? columns.times[0][row + i] : clock;
    const end = columns.times ? columns.times[1][row + i] : clock + columns.charged[key];
    clock = end;
    const architecture = columns.architecture[key];
    found.push({
      number: i, architecture, text: columns.texts[architecture] ?? "", fidelity: columns.fidelity[key], start, end,
      observed: columns.observed[key], completed: !columns.cut.has(row + i), incumbent: false,
    });
  }
  for (const { held, errors } of changesOf(kept)) Object.assign(found[held], { incumbent: true, errors });
  return found;
}

/** Return where the incumbent of a kept trial changes: the place in the order of completion, and its true errors. */
function changesOf({ change, nChanges, columns }) {
  return Array.from({ length: nChanges }, (_, i) => ({
    place: columns.places[change + i],
    held: columns.incumbents[change + i],
    errors: Object.fromEntries(columns.targets.map((target, k) => [target, columns.errors[k][change + i]])),
  }));
}

/** Return the regret of a kept trial as steps {x, y}, in counts or seconds and in the benchmark's unit. */
function regretOf(kept, target, axis, optimum, horizon) {
  const ends = evaluationsOf(kept).filter((one) => one.completed).map((one) => one.end).sort((a, b) => a - b);
  const [x, y] = [[], []];
  for (const { place, errors } of changesOf(kept)) {
    x.push(axis === "seconds" ? Math.min(ends[place], horizon) : place + 1);
    y.push(Math.max(errors[target] - optimum, 0));
  }
  if (x.length && x.at(-1) < horizon) {
    x.push(horizon);
    y.push(y.at(-1));
  }
  return { x, y };
}
