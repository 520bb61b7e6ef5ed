"""The verbs of `regretta data`."""
