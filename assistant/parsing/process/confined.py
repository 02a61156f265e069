"""Becomes another program, with a parser process's limits: started by its path, so that nothing else is imported.

`python -I confined.py PARENT MEMORY_BYTES SECONDS FILE_BYTES PROGRAM [ARGUMENT...]`
"""

from __future__ import annotations

import contextlib
import os
import resource
import runpy
import sys
from pathlib import Path


def main() -> None:
    """Limit this process and what it becomes, take its network away, and run the program."""
    parent, memory_bytes, seconds, file_bytes = (int(argument) for argument in sys.argv[1:5])
    runpy.run_path(str(Path(__file__).with_name("limits.py")))["confine"](memory_bytes, parent)
    for kind, value in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, file_bytes)):
        _, hard = resource.getrlimit(kind)
        bounded = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (bounded, bounded))
    os.execv(sys.argv[5], sys.argv[5:])  # noqa: S606 (the caller's own program, without a shell)


if __name__ == "__main__":
    main()
