"""From this machine to a host: the bundle, the way over ssh, the first installation, and the manifest."""
