"""The figures, one file each, and their registry."""
