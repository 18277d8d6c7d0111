"""A machine made what the manifest says: apply, drift, remove."""
