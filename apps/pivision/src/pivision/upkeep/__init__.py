"""Looking after the appliance: is everything in place, and taking along what it noticed."""
