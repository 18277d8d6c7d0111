"""The airings behind a number: the rows of the Commercial Log themselves."""
