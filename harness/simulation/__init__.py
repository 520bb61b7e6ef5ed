"""One trial on a simulated clock: accounting rules, event loop, random streams and record."""
