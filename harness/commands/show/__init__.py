"""The output of `regretta show`, one file per kind of name."""
