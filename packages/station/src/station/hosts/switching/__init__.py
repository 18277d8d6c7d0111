"""The switch of a deploy: from a release that is ready on the disk to one that serves, or back to how it was."""
