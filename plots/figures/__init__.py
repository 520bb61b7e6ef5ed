"""One file per figure, and the registry of them."""
