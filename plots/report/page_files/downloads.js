// Downloads: figures as SVG and PNG, tables as CSV and LaTeX.

function save(name, blob) {
  const address = URL.createObjectURL(blob);
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

const fileName = (text) => text.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^-+|-+$/g, "") || "regretta";

const DRAWN = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linejoin", "font-family", "font-size"];

/** Return a figure as the text of an SVG file: with its looks, the keys of the curves below, and a white ground. */
function svgText(svg, keys) {
  const [width, height] = svg.getAttribute("viewBox").split(" ").slice(2).map(Number);
  const copy = svg.cloneNode(true);
  const originals = [...svg.querySelectorAll("*")];
  [...copy.querySelectorAll("*")].forEach((node, i) => {
    const look = getComputedStyle(originals[i]);
    for (const name of DRAWN) node.setAttribute(name, look.getPropertyValue(name));
    node.removeAttribute("class");
  });
  const rows = keyRows(keys, width - 24);
  const whole = height + 22 * rows.length + (rows.length ? 8 : 0);
  const paper = getComputedStyle(document.body).backgroundColor;
  const ink = getComputedStyle(document.body).color;
  const ground = drawn("rect", { width, height: whole, fill: paper });
  const texts = rows.flatMap((row, i) =>
    row.map(({ look, label, at }) => {
      const sample = swatch({ ...look, colour: shownColour(look.colour) });
      filled(sample, { x: 12 + at, y: height + 22 * i }, []);
      return drawn("g", {}, sample, drawn("text", { x: 46 + at, y: height + 22 * i + 11, fill: ink, "font-family": "sans-serif", "font-size": 12 }, label));
    }),
  );
  const root = drawn("svg", { viewBox: `0 0 ${width} ${whole}`, width, height: whole }, ground, ...copy.childNodes, ...texts);
  for (const node of root.querySelectorAll("[class]")) node.removeAttribute("class");
  return { text: new XMLSerializer().serializeToString(root), width, height: whole };
}

/** Arrange the keys of curves in rows of at most `width`. */
function keyRows(keys, width) {
  const rows = [];
  let at = Infinity;
  for (const { look, label } of keys) {
    const needed = 48 + 7 * label.length;
    if (at + needed > width) {
      rows.push([]);
      at = 0;
    }
    rows.at(-1).push({ look, label, at });
    at += needed + 12;
  }
  return rows;
}

function saveSvg(svg, keys, name) {
  save(`${fileName(name)}.svg`, new Blob([svgText(svg, keys).text], { type: "image/svg+xml" }));
}

/** Save a figure as PNG with three dots per pixel of the page. */
async function savePng(svg, keys, name) {
  const { text, width, height } = svgText(svg, keys);
  const picture = new Image();
  picture.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  await picture.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: 3 * width, height: 3 * height });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(picture.src);
  canvas.toBlob((blob) => save(`${fileName(name)}.png`, blob), "image/png");
}

/** Write rows of texts and numbers as CSV. */
function csvText(rows) {
  const quoted = (value) => (/[",\n\r]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : value === null || Number.isNaN(value) ? "" : String(value));
  return `${rows.map((row) => row.map(quoted).join(",")).join("\n")}\n`;
}

const ESCAPES = { "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "&": "\\&", "%": "\\%", $: "\\$", "#": "\\#", _: "\\_", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "−": "$-$", "×": "$\\times$", "–": "--", "₁": "$_1$", "₀": "$_0$" };

const latexText = (text) => [...text].map((letter) => ESCAPES[letter] ?? letter).join("");

/** The visible text of a cell, its lines joined by spaces, without pictures and hidden words. */
function shownText(cell) {
  const parts = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) parts.push(node.data);
    else if (!node.matches("svg, .arrow, .unseen, .hint")) {
      if (parts.length && node.matches("small, .named + .named, div, p, li")) parts.push(" ");
      node.childNodes.forEach(walk);
    }
  };
  cell.childNodes.forEach(walk);
  return parts.join("").replace(/\s+/g, " ").trim();
}

/** The rows of a table as texts, its last row of headings first; columns without any text are left out. */
function tableTexts(table) {
  const heads = table.tHead.rows[table.tHead.rows.length - 1];
  const rows = [heads, ...table.tBodies[0].rows].map((row) => [...row.cells].map(shownText));
  const filledColumns = rows[0].map((_, i) => rows.some((row) => row[i] && row[i] !== ""));
  return rows.map((row) => row.filter((_, i) => filledColumns[i]));
}

/** Write a table for LaTeX, with the rules of booktabs. */
function latexTable(rows) {
  const [heads, ...body] = rows.map((row) => `${row.map(latexText).join(" & ")} \\\\`);
  const columns = `l${"r".repeat(rows[0].length - 1)}`;
  return [`\\begin{tabular}{${columns}}`, "\\toprule", heads, "\\midrule", ...body, "\\bottomrule", "\\end{tabular}", ""].join("\n");
}

/** Return buttons that save something: pairs of a name and an action. */
function saveButtons(words, ...choices) {
  const buttons = choices.map(([name, action]) => {
    const button = element("button", { type: "button", class: "save", "aria-label": `Save ${words} as ${name}` }, name);
    button.addEventListener("click", action);
    return button;
  });
  return element("span", { class: "downloads" }, "Save: ", ...buttons);
}

/** Return buttons that save a table, which `make` returns when it is saved. */
function tableButtons(make, name, words) {
  return saveButtons(
    words,
    ["CSV", () => save(`${fileName(name)}.csv`, new Blob([csvText(tableTexts(make()))], { type: "text/csv" }))],
    ["LaTeX", () => save(`${fileName(name)}.tex`, new Blob([latexTable(tableTexts(make()))], { type: "text/x-tex" }))],
  );
}
