"""Shared by all figures: style, page frame, panels, curves, captions, export."""
