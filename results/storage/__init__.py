"""Records of trials, and the result folder that stores them."""
