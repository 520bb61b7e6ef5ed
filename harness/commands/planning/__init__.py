"""What a run would do: its grid, and an estimate of its time and disk space."""
