"""The named SQL of the names fits the schema."""

from station_kit import statements


def test_every_named_statement_of_the_names_runs_on_this_schema(ledger) -> None:
    assert statements.compile_errors(ledger, statements.load("bookedbiz.names")) == []
