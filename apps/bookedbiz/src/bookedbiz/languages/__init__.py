"""Which language a row is in: a pure function of four columns, what people set by hand, and what still needs a look."""
