"""Figures of the studies of ``regretta analyze``, drawn from their tables."""
