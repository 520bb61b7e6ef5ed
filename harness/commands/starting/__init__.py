"""Begin a project: the files that `regretta init` writes."""
