"""What `regretta show` prints, a file per kind of name."""
