"""The verbs of `regretta surrogate`."""
