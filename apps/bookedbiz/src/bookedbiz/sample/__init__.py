"""A made-up station: its customers, its Commercial Logs as real workbooks, and the truth about them.

Everything follows from a seed, so that the same command gives the same files. All names are invented.
"""
