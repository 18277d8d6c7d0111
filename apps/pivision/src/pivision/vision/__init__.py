"""What a picture shows. Pure functions on arrays and a state machine: no files, no database, no clock."""
