"""Insertion orders: what lies in the folders of the drive, and whether the traffic system has it."""
