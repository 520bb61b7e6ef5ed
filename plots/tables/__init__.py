"""Tables for a paper, the terminal, and the gate's report."""
