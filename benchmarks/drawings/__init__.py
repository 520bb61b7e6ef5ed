"""Drawings of architectures as the literature draws them: one layout, for SVG and for any other canvas."""
