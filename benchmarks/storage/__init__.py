"""Imported tables on disk, and the official files that they are imported from."""
