"""A made-up stand with a camera of its own, so that an appliance has something to look at without any hardware."""
