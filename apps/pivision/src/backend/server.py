"""`python -m backend.server`: the server by its older name: `pivision serve`."""

import sys

from pivision.cli import main

if __name__ == "__main__":
    sys.argv[1:] = ["serve", *sys.argv[1:]]
    main()
