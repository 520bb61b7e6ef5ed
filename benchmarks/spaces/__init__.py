"""Search spaces: what algorithms see of a benchmark."""
