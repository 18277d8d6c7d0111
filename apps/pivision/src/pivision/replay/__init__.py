"""What the detector would do with a clip, a folder, or stored frames."""
