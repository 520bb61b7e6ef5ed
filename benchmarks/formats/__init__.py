"""File formats, read without running code."""
