"""The verbs of the gate: `check`, `compare` and `baseline`."""
