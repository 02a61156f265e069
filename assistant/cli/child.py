"""Runs a command that ends when its parent does: `python -m assistant.cli.child PARENT_PID COMMAND …`.

Without this, a killed `assistant up` would leave its web UI behind, holding the port.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask the kernel to end this process with its parent (Linux), then become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("the process that started this one is gone")
    os.execv(command[0], command)  # noqa: S606 - the command is this program's own, no shell sees it


if __name__ == "__main__":
    main()
