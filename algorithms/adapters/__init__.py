"""Optimizers of other libraries, driven by ``ask`` and ``tell``.

Each library is an extra of Regretta, and is imported when a trial begins.
"""
