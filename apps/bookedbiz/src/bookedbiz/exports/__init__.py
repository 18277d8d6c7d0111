"""The two exports that a Power Query workbook reads: their rows, hash and tokens. Fields never change silently."""
