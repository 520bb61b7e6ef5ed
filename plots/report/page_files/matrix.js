// The matrices of algorithms by benchmarks: their chips, and sorting by any column.

/** Put a sample of the algorithm's line into every chip of a part of the page. */
function fillChips(root) {
  for (const chip of root.querySelectorAll(".chip")) {
    const look = looks.get(chip.dataset.label);
    if (look && !chip.querySelector("svg")) chip.prepend(swatch(look));
  }
}

/** A label of an algorithm as a chip. */
const chipOf = (label) => element("span", { class: "chip", "data-label": label }, swatch(looks.get(label)), ...breakable(label));

/** Make the columns of a matrix sortable, and its headings choose the benchmark. */
function sortableMatrix(root, state, onChange) {
  const [body] = root.querySelectorAll("tbody");
  const rows = [...body.rows];
  const heads = [...root.querySelectorAll("thead tr:last-child th")];
  const key = (row, i) => {
    if (i === 0) return row.dataset.label;
    const text = i === 1 ? row.dataset.key : row.cells[i].dataset.key;
    return text === "" ? Infinity : Number(text);
  };
  heads.forEach((head, i) => {
    const name = head.dataset.benchmark ?? head.dataset.column;
    const button = element("button", { type: "button" }, ...head.childNodes, element("span", { class: "arrow", "aria-hidden": "true" }));
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const { by, sign } = state.order(root.id);
      state.orders[root.id] = { by: name, sign: by === name ? -sign : 1 };
      onChange();
    });
  });
  return () => {
    const { by, sign } = state.order(root.id);
    const place = heads.findIndex((head) => (head.dataset.benchmark ?? head.dataset.column) === by);
    const sorted = [...rows];
    if (place >= 0) {
      sorted.sort((a, b) => {
        const [x, y] = [key(a, place), key(b, place)];
        if (x === y) return 0;
        if (x === Infinity || y === Infinity) return x === Infinity ? 1 : -1;
        return sign * compared(x, y);
      });
    }
    body.append(...sorted);
    heads.forEach((head, i) => {
      head.setAttribute("aria-sort", i === place ? (sign > 0 ? "ascending" : "descending") : "none");
      head.querySelector(".arrow").textContent = i === place ? (sign > 0 ? "▲" : "▼") : "";
    });
  };
}
