"""The studies of ``regretta analyze``: where each is computed and drawn."""
