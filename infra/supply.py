"""What the assistant is made of: a list of all packages (SBOM), their licences, and whether one is known to be unsafe.

Usage: python infra/supply.py [--to FOLDER] [--must-reach]; `make audit` calls it in the environment that it is about.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

PERMISSIVE = frozenset(
    {
        *("0BSD", "AFL-3.0", "Apache-2.0", "BSD-1-Clause", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0"),
        *(
            "BlueOak-1.0.0",
            "CNRI-Python",
            "ISC",
            "MIT",
            "MIT-0",
            "MIT-CMU",
            "PSF-2.0",
            "Python-2.0",
            "Unlicense",
            "Zlib",
        ),
        *("MIT License", "BSD License", "Apache Software License", "ISC License (ISCL)", "Academic Free License (AFL)"),
        *("Python Software Foundation License", "Public Domain", "The Unlicense (Unlicense)", "3-Clause BSD License"),
        *("Apache 2.0 License", "Apache License 2.0", "Apache License, Version 2.0", "zlib/libpng License"),
    }
)
# What says nothing by itself, beside a licence that does.
_SILENT = frozenset({"OSI Approved", "DFSG approved"})
# Packages that a person has looked at, since what they state is no permissive licence, or nothing that can be read.
REVIEWED: Mapping[str, str] = {
    "axe-playwright-python": "MIT in its LICENSE file; its axe.min.js is MPL-2.0, unchanged; tests only",
    "certifi": "MPL-2.0: a list of certificates, unchanged",
    "fqdn": "MPL-2.0, unchanged; tools of the developers only",
    "hypothesis": "MPL-2.0, unchanged; tests only",
    "imapclient": "BSD-3-Clause in its COPYING file",
    "orjson": "MPL-2.0 and (Apache-2.0 or MIT), unchanged; under LangGraph",
    "pathspec": "MPL-2.0, unchanged; under mypy",
    "pi-heif": "BSD-3-Clause; its wheel carries libheif and libde265 (LGPL-3.0), libraries that can be replaced",
    "protobuf": "BSD-3-Clause in its LICENSE file",
    "py-rust-stemmers": "MIT in its LICENSE file",
    "pydeck": "Apache-2.0 in its LICENSE file",
    "pypdfium2": "BSD-3-Clause, Apache-2.0, and PDFium's own of the same kinds",
    "resvg-py": "MIT in its LICENSE file; resvg is Apache-2.0 or MIT",
    "scim2-tester": "Apache-2.0, its text in the metadata; tests only",
    "tiktoken": "MIT, its text instead of its name",
    "tqdm": "MPL-2.0 and MIT, unchanged",
    "transformers": "Apache-2.0 in its LICENSE file",
}
# Known for years to have holes: a database of holes that does not know this one has none, or was not reached.
CANARY = "urllib3==1.24.1"


def sbom(to: Path, python: str = sys.executable) -> dict[str, Any]:
    """Write the packages of an environment to a CycloneDX file, and return it.

    Args:
        to: the file.
        python: of the environment.
    """
    tool = [sys.executable, "-m", "cyclonedx_py", "environment", python, "--pyproject", str(ROOT / "pyproject.toml")]
    options = ["--mc-type", "application", "--output-reproducible", "--of", "JSON", "-o", str(to)]
    subprocess.run([*tool, *options], check=True, capture_output=True)  # noqa: S603 - our own tool
    listed: dict[str, Any] = json.loads(to.read_text(encoding="utf-8"))
    return listed


def unlicensed(components: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what is wrong with the packages' licences, a line each; nothing where all are permissive or reviewed."""
    wrong = []
    for component in components:
        name = str(component["name"])
        stated = list(_stated(component))
        if _name(name) not in REVIEWED and (not stated or not all(is_permissive(one) for one in stated)):
            wrong.append(f"{name} {component.get('version', '')}: {', '.join(stated) or 'states no licence'}")
    return wrong


def is_permissive(stated: str) -> bool:
    """Whether a licence, by its SPDX expression or by its name, allows all that the house does with it."""
    from license_expression import ExpressionError, get_spdx_licensing

    if stated in PERMISSIVE:
        return True
    try:
        return _allows(get_spdx_licensing().parse(stated, validate=True))
    except ExpressionError:
        return False


def unsafe(report: Mapping[str, Any]) -> list[str]:
    """Return the known holes that pip-audit's report names, a line each."""
    return [
        f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for one in report["dependencies"]
        for hole in one.get("vulns", ())
    ]


def audited(requirements: str) -> dict[str, Any] | None:
    """Ask PyPI for the known holes of pinned packages; None where it does not answer at all.

    Args:
        requirements: a package and its version a line.
    """
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "pins.txt"
        pins.write_text(requirements, encoding="utf-8")
        tool = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner", "off"]
        options = ["--timeout", "20", "--cache-dir", f"{folder}/cache", "-f", "json", "-r", str(pins)]
        done = subprocess.run([*tool, *options], check=False, capture_output=True, text=True)  # noqa: S603 - our own tool
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return None
    return report


def main(arguments: list[str] | None = None) -> int:
    """Do all three; return 1 where a licence or a hole is wrong, or `--must-reach` and nobody told of holes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "artifacts", help="the folder for sbom.json")
    parser.add_argument("--must-reach", action="store_true", help="fail where no database of holes can be reached")
    options = parser.parse_args(arguments)
    options.to.mkdir(parents=True, exist_ok=True)
    components = sbom(options.to / "sbom.json")["components"]
    _say(f"==> SBOM: {len(components)} packages in {options.to / 'sbom.json'}")
    wrong = unlicensed(components)
    for line in wrong:
        _say(f"error: not permissive: {line}")
    _say(f"==> Licences: {len(components) - len(wrong)} permissive or reviewed, {len(wrong)} not")
    return 1 if _holes(components, must_reach=options.must_reach) or wrong else 0


def _holes(components: Iterable[Mapping[str, Any]], *, must_reach: bool) -> bool:
    """Say which packages have known holes; return whether that is a failure."""
    canary = audited(CANARY)
    if canary is None or not unsafe(canary):
        _say(f"warning: NOT AUDITED: no database of known holes was reached ({CANARY} has some, and none was told of)")
        _say("         run `make audit` where https://pypi.org answers; --must-reach makes this an error")
        return must_reach
    pins = [f"{one['name']}=={one['version'].partition('+')[0]}" for one in components if "version" in one]
    report = audited("\n".join(pins))
    if report is None:
        _say("error: the database of known holes answered once and then no more; run it again")
        return True
    found, skipped = unsafe(report), [one["name"] for one in report["dependencies"] if "skip_reason" in one]
    for line in found:
        _say(f"error: known hole: {line}")
    _say(f"==> Known holes: {len(pins) - len(skipped)} packages audited, {len(found)} holes")
    if skipped:
        _say(f"warning: not on PyPI, so not audited: {', '.join(sorted(skipped))}")
    return bool(found)


def _stated(component: Mapping[str, Any]) -> Iterable[str]:
    for entry in component.get("licenses", ()):
        known = entry.get("license", {})
        stated = str(entry.get("expression") or known.get("id") or known.get("name") or "").rpartition(" :: ")[2]
        if stated not in _SILENT:
            yield stated


def _allows(expression: Any) -> bool:
    from license_expression import LicenseWithExceptionSymbol

    if isinstance(expression, LicenseWithExceptionSymbol):
        return expression.license_symbol.key in PERMISSIVE
    if parts := getattr(expression, "args", ()):
        found = [_allows(part) for part in parts]
        return any(found) if expression.operator.strip() == "OR" else all(found)
    return getattr(expression, "key", "") in PERMISSIVE


def _name(name: str) -> str:
    return name.lower().replace("_", "-")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
