"""Become another program that dies with the process that started it: `leash.py PARENT_PID PROGRAM ARGS…`.

Linux keeps the promise in the kernel, across exec and even after kill -9 of the parent; elsewhere the parent's own
clean-up is all there is. It is run as a file, without the project on its path, so it imports nothing of it.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Tie this process to its parent, then turn into the given program."""
    parent, program, *rest = arguments
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(parent):  # it died before the promise was made
            sys.exit(1)
    os.execv(program, [program, *rest])  # noqa: S606  # exec is the purpose: same pid, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
