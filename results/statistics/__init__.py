"""Bootstrap, ranks and paired tests over trials."""
