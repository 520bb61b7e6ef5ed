// Scales of an axis: the positions of numbers, and the ticks.

/** Make a scale. Numbers are multiplied by `unit` for display, and ticks are round in the displayed unit. */
function scale(kind, low, high, from, to, unit) {
  const through = kind === "log" ? (value) => Math.log10(Math.max(value, low / 1e3)) : (value) => value;
  const [a, b] = [through(low), through(high)];
  const at = (value) => from + ((through(value) - a) / (b - a)) * (to - from);
  const ticks = (most) => {
    const { named, others } = (kind === "log" ? logTicks : linearTicks)(low * unit, high * unit, most);
    return { named: named.map((value) => ({ at: at(value / unit), text: plain(value) })), others: others.map((value) => at(value / unit)) };
  };
  return { at, ticks };
}

function linearTicks(low, high, most) {
  const rough = (high - low) / most;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * decade).find((candidate) => candidate >= rough);
  const named = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-9); i += 1) named.push(i * step);
  return { named, others: [] };
}

/** Return ticks at decades, and also at 2 and 5 or at every digit if there is room. */
function logTicks(low, high, most) {
  const every = (digits, stride = 1) => {
    const found = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e += 1) {
      if (e % stride) continue;
      for (const digit of digits) found.push(Number(`${digit}e${e}`));
    }
    return found.filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
  };
  const all = every([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const stride = Math.ceil(Math.log10(high / low) / most);
  const choices = [all, every([1, 2, 5]), every([1, 3]), every([1]), every([1], stride)];
  const named = choices.find((ticks) => ticks.length <= most) || choices.at(-1);
  return { named, others: all.length > 60 ? [] : all.filter((value) => !named.includes(value)) };
}
