"""What the pages of every app need: who may ask for what, what a browser may do, how often a password may be tried."""
