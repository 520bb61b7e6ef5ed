// Light and dark.

/** Let the button switch between light and dark. The system's preference is the default. */
function themeButton(button) {
  const root = document.documentElement;
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => (button.textContent = dark() ? "Light" : "Dark");
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    name();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  name();
}

/** Return the looks of algorithms by label, each with a colour for light and one for dark paper. */
function looksOf(labels) {
  const look = (found, i) => ({ ...found, colour: `light-dark(${found.colour}, ${found.dark})`, phase: i / labels.length });
  return new Map(labels.map((found, i) => [found.label, look(found, i)]));
}

/** Return a colour as it is shown now, for a file. */
function shownColour(colour) {
  const probe = element("span");
  probe.style.color = colour;
  document.body.append(probe);
  const shown = getComputedStyle(probe).color;
  probe.remove();
  return shown;
}
