"""Who listens on the ports of this machine, and whether the manifest allows it."""
