"""Cameras that may send pictures: enrolment, keys, what each is told."""
