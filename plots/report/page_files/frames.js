// The curves of a benchmark as numbers, and the frame that they are drawn in.

/** Return the curves of a view, the numbers as arrays: {label, look, phase, x, centre, low, high, exact, n_trials}. */
function curvesOf(panel, target, axis, statistic) {
  const view = panel.views[target].axes[axis];
  if (view.refused) return [];
  return view.curves.filter((curve) => curve.points).map((curve) => {
    const numbers = (at) => (at === undefined ? null : panel.unpacked.subarray(at, at + curve.points));
    const { centre, low, high, exact } = curve[statistic];
    return {
      label: curve.label,
      look: looks.get(curve.label),
      phase: looks.get(curve.label).phase,
      x: numbers(curve.x),
      centre: numbers(centre),
      low: numbers(low),
      high: numbers(high),
      exact: numbers(exact),
      n_trials: curve.n_trials,
    };
  });
}

/** Return the frame of the curves of a view, without its size; see `drawCurves`. */
function frameOf(panel, summary, view, state, axis) {
  const seconds = axis === "seconds";
  return {
    horizon: view.horizon,
    floor: summary.floor,
    floorName: summary.floor_assumed ? "assumed noise floor" : "noise floor",
    xKind: state.x,
    yKind: state.y,
    xUnit: 1 / view.unit.length,
    yUnit: panel.factor,
    xName: seconds ? `simulated time [${view.unit.name}]` : "completed evaluations",
    yName: `regret [${panel.unit}]`,
  };
}
