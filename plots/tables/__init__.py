"""Tables for a paper, for the terminal, and of the gate."""
