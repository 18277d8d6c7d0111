"""PiVision, a camera appliance that notices. Not written yet: this package holds its place and does nothing."""
