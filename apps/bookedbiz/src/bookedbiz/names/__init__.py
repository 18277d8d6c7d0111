"""Who is meant: bill codes, customers, agencies, account executives, and the codes of the lookup tables."""
