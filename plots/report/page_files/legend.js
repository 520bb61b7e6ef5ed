// The legend of a benchmark's curves: which are shown, which have colour, their values, and the way to their trials.

function legendRows(explorer, curves) {
  const { state, panel } = explorer;
  const coloured = state.coloured ?? new Set(panel.leaders);
  const many = curves.length > panel.leaders.length || state.coloured !== null;
  const sorted = many ? [...curves].sort((a, b) => Number(coloured.has(b.label)) - Number(coloured.has(a.label))) : curves;
  return sorted.map(({ label, n_trials }) => {
    const box = element("input", { type: "checkbox", checked: !state.hidden.has(label), "aria-label": `Show ${label}` });
    box.addEventListener("change", () => {
      toggled(explorer, "hidden", label, !box.checked);
      focusIn(explorer, label, "input");
    });
    const colour = element("button", { type: "button", class: "colour", "aria-pressed": String(coloured.has(label)), "aria-label": `Colour ${label}`, title: "Colour and band" }, swatch(looks.get(label)));
    colour.addEventListener("click", () => {
      toggled(explorer, "coloured", label, !coloured.has(label));
      focusIn(explorer, label, ".colour");
    });
    const trials = element("button", { type: "button", class: "trials", "aria-label": `Trials of ${label}`, "aria-expanded": String(state.curve === label) }, "trials");
    trials.addEventListener("click", () => {
      if (state.curve === label) explorer.step({ curve: null, trial: null });
      else explorer.openTrials(label);
      focusIn(explorer, label, ".trials");
    });
    const name = element("div", { class: "entry" }, box, colour, element("span", { class: "label" }, ...breakable(label)), trials);
    const cells = [element("th", { scope: "row", class: "text" }, name), element("td", {}, element("span", { class: "value" }), element("span", { class: "interval" }))];
    const kind = [box.checked ? "" : "off", coloured.has(label) ? "" : "muted"].filter(Boolean).join(" ");
    return element("tr", { "data-label": label, "data-trials": n_trials, class: kind || null }, ...cells);
  });
}

/** Put a label into a set of labels of the state, or take it out. */
function toggled(explorer, name, label, inside) {
  const labels = new Set(explorer.state[name] ?? explorer.panel.leaders);
  if (inside) labels.add(label);
  else labels.delete(label);
  explorer.step({ [name]: labels }, false);
}

function focusIn(explorer, label, selector) {
  [...explorer.part("legend").querySelectorAll("tr")].find((row) => row.dataset.label === label)?.querySelector(selector)?.focus();
}

/** Say which curves have colour, if not all of them have. */
function legendHint(explorer, curves) {
  const { state, panel } = explorer;
  if (state.coloured) return "Colour and band: your choice.";
  if (curves.length <= panel.leaders.length) return "";
  return "Colour and band: the best five by area, and random search. Click a line sample to change that.";
}
