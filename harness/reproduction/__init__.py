"""Published and theoretical numbers beside ours, each study in a file of its own."""
