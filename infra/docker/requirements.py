"""Prints what an image installs: `requirements.py EXTRA,...` for API and workers, `requirements.py --ui` for the UI."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

# What the UI imports, with settings and telemetry. A test sees that it is all, and that pyproject.toml names it.
UI = (
    "altair",
    "httpx",
    "markdown-it-py",
    "prometheus-client",
    "pydantic",
    "pydantic-settings",
    "starlette",
    "streamlit",
)
# What nothing but the UI imports: pandas and Arrow come with them, a quarter of an installation.
UI_ONLY = ("altair", "streamlit")


def main(arguments: list[str]) -> int:
    """Print one requirement a line. Return 0; 2 for an extra that there is not."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted: list[str] = list(project["dependencies"])
    if arguments == ["--ui"]:
        wanted = [one for one in wanted if re.split(r"[^A-Za-z0-9._-]", one)[0] in UI]
    else:
        wanted = [one for one in wanted if re.split(r"[^A-Za-z0-9._-]", one)[0] not in UI_ONLY]
        for extra in filter(None, ",".join(arguments).split(",")):
            if extra not in project["optional-dependencies"]:
                sys.stderr.write(f"pyproject.toml has no extra {extra!r}\n")
                return 2
            wanted += project["optional-dependencies"][extra]
    sys.stdout.write("".join(f"{one}\n" for one in dict.fromkeys(wanted)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
