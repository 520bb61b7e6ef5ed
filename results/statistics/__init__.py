"""Bootstrap intervals, ranks and paired tests over trials."""
