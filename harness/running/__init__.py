"""Running the missing trials of an experiment in parallel."""
