"""Studies of results folders, for ``regretta analyze``: tables of numbers, and sentences about them."""
