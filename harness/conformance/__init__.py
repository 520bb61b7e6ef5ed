"""What every algorithm, space and benchmark promises, as checks."""
