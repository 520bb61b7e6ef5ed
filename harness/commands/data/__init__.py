"""What the verbs of `regretta data` do."""
