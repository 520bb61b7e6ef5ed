// Elements, numbers and decoding. Names enter the page only as text nodes and attributes, never as markup.

const SVG = "http://www.w3.org/2000/svg";

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

const element = (name, attributes = {}, ...children) => filled(document.createElement(name), attributes, children);

const drawn = (name, attributes = {}, ...children) => filled(document.createElementNS(SVG, name), attributes, children);

/** Allow line breaks after the underscores of a name. */
const breakable = (text) => text.split(/(?<=_)/).flatMap((part, i) => (i ? [element("wbr"), part] : [part]));

/** Return an element that shows a rounded number and stores the exact one. */
function number(value, text) {
  return value === null || Number.isNaN(value) ? element("span", { class: "none" }, "–") : element("data", { value }, text);
}

/** Return elements that show an estimate with its interval, and store the exact numbers in the benchmark's unit. */
function estimate(found, shown) {
  if (found.value === null) return [number(null)];
  const low = found.low === null ? [] : [element("span", { class: "interval" }, ...interval(found.low, found.high, shown))];
  return [number(found.value, shown(found.value)), ...low];
}

function interval(low, high, shown) {
  return [" [", number(low, shown(low)), ", ", number(high, shown(high)), "]"];
}

const minus = (text) => text.replace("-", "−");

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function power(exponent) {
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[digit]).join("");
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}

/** Format with significant digits: plain from 0.0001 to 9,999,999, otherwise with a power of ten. */
function significant(value, digits = 3) {
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e").map((part, i) => (i ? Number(part) : part));
  if (exponent < -4 || exponent > 6) return minus(`${mantissa}×${power(exponent)}`);
  const decimals = Math.max(digits - 1 - exponent, 0);
  const shown = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return minus(Number(`${mantissa}e${exponent}`).toLocaleString("en-US", shown));
}

const fixed = (digits) => (value) => minus(value.toFixed(digits));

const percent = (value) => `${(100 * value).toFixed(1)} %`;

/** Format a tick or a count as briefly as possible. */
function plain(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e6) return minus(Number(value.toPrecision(6)).toLocaleString("en-US", { maximumSignificantDigits: 6 }));
  const [mantissa, exponent] = value.toExponential(3).split("e").map(Number);
  return minus(mantissa === 1 ? power(exponent) : `${mantissa}×${power(exponent)}`);
}

const probability = (value) => (value < 0.001 ? "< 0.001" : significant(value, 2));

const capital = (text) => text[0].toUpperCase() + text.slice(1);
