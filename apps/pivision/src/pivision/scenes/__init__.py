"""Labelled picture sequences made by code, and the scorer that judges a detector by them."""
