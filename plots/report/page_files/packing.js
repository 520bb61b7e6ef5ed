// Decoding of numbers and texts, as plots/report/packing.py encodes them.

/** Decode base64 and decompress. */
async function inflated(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i += 1) bytes[i] = letters.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Put the bytes of each number together again: `planes` has the first bytes of all numbers, then all second ones. */
function joined(planes, width) {
  const n = planes.length / width;
  const bytes = new Uint8Array(planes.length);
  for (let k = 0; k < width; k += 1) for (let i = 0; i < n; i += 1) bytes[i * width + k] = planes[k * n + i];
  return bytes.buffer;
}

async function unpackedNumbers(text) {
  const words = new Uint32Array(joined(await inflated(text), 8));
  for (let i = 2; i < words.length; i += 1) words[i] ^= words[i - 2];
  return new Float64Array(words.buffer);
}

const unpackedCounts = async (text) => new Uint32Array(joined(await inflated(text), 4));

async function unpackedLines(text) {
  const whole = new TextDecoder().decode(await inflated(text));
  return whole === "" ? [] : whole.split("\n");
}
