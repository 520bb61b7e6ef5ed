"""Style, panels, curves, captions and export, shared by all figures."""
