"""The first thing a unit's process runs: it ties its life to its parent's, then becomes the unit's command.

Run as a file of its own (`python -I -S tether.py PARENT COMMAND ...`), standard library only, so that nothing has to
happen between fork and exec in a process that has threads.

The kernel sends the signal when the *thread* that forked ends: fork only from the main thread.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_COMMAND_NOT_FOUND = 127


def main() -> None:
    parent, *command = sys.argv[1:]
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # a parent that waits for its signals has them blocked
    # the parent may have died before the line above; then no signal will ever come
    if os.getppid() != int(parent):
        sys.exit(1)
    try:
        os.execvp(command[0], command)
    except OSError as why:
        sys.stderr.write(f"error: {command[0]} cannot be started: {why.strerror}\n")
        sys.exit(_COMMAND_NOT_FOUND)


if __name__ == "__main__":
    main()
