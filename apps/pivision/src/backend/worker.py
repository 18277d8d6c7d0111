"""`python -m backend.worker`: the worker, as `pivision work`."""

import sys

from pivision.cli import main

if __name__ == "__main__":
    sys.argv[1:] = ["work"]
    main()
