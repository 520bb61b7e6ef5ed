"""NAS-Bench-301 on the DARTS space."""
