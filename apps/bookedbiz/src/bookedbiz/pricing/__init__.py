"""What spots cost: average rates and how they move, steadiness, concentration, and price by length."""
