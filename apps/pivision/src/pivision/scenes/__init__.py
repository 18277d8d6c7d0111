"""A stand that never was: labelled sequences of pictures, made from a seed, and what a detector gets for them."""
