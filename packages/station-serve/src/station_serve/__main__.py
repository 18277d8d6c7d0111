"""`python -m station_serve MODULE:ATTRIBUTE`."""

from station_serve.cli import main

main()
