"""A store in Dropbox."""
