"""NAS-Bench-101, EC-NAS-Bench and NAS-Bench-1Shot1."""
