"""Recorded trajectories: what one-shot methods outside of Regretta would have chosen at each moment."""
