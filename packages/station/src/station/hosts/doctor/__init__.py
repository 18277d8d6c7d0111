"""Whether a host is well: who listens on its ports, what is wrong with it and what to do about that."""
