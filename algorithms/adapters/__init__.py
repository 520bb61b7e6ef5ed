"""Optimizers of other libraries behind ``ask`` and ``tell``; each library is an extra, imported when a trial begins."""
