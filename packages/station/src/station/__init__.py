"""Control Station: runs SQLite-backed Python apps on a pair of small hosts the way a production platform would."""

import os

# Nothing here multiplies matrices, and numpy would start a thread per processor for it: a tenth of a second of CPU for
# every command. What an app's processes get is a list of names (`hosts.units`), and this is not on it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
