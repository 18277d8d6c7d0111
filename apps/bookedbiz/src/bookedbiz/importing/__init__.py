"""Bringing a workbook into the ledger: in one transaction, by difference, with a record of what it did."""
