"""Booked ad-sales revenue of a TV station: the ledger, its reports, its exports."""
