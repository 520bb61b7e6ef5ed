"""The dry run: the grid of a run, and an estimate of its time and disk space."""
