"""Import of a user's own table."""
