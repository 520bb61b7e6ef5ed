"""Readers of file formats that never run code from a file."""
