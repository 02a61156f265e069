"""Runs every system on every set, each in a process of its own, and prints one table.

    python -m tests.benchmarks.peers FOLDER... --venv PEERS_VENV [--systems NAME[:VARIANT]...] [--repeats N]
        [--json FILE] [--markdown FILE]

FOLDERs are in BEIR layout (`make_sets.py` writes those of infra/docs/benchmarks.md); PEERS_VENV was made by
`setup.sh`. The runs are interleaved: set by set, and of each repeat system by system. Costs are medians over the
repeats. Half of each set's queries are for development, the rest held out, by a hash of the query's id.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.peers.common import SYSTEMS
from tests.benchmarks.peers.table import as_text, summarize

ROOT = Path(__file__).parents[3]


def run_child(name: str, folder: Path, python: str) -> dict:
    """Run a system on a set in a process of its own, and return what it wrote."""
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary) / "run.json"
        command = [python, "-m", "tests.benchmarks.peers.child", name, str(folder.resolve()), str(out)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{name} failed on {folder.name}:\n{done.stderr[-3000:]}")
        return json.loads(out.read_text(encoding="utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--venv", type=Path, required=True, help="the environment that setup.sh made")
    parser.add_argument("--systems", nargs="+", default=list(SYSTEMS), metavar="NAME[:VARIANT]")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all runs there; runs that it has are kept")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there")
    options = parser.parse_args()
    runs = json.loads(options.json.read_text(encoding="utf-8")) if options.json and options.json.is_file() else []
    for folder in options.folders:
        for repeat in range(options.repeats):
            for name in options.systems:
                if sum(r["system"] == name and r["set"] == folder.name for r in runs) > repeat:
                    continue
                python = sys.executable if name.startswith("assistant") else str(options.venv / "bin" / "python")
                runs.append(run_child(name, folder, python))
                print(f"{folder.name}, {name}, run {repeat + 1} of {options.repeats}", file=sys.stderr)
                if options.json:
                    options.json.write_text(json.dumps(runs), encoding="utf-8")
    text = as_text(summarize(runs, {folder.name: folder for folder in options.folders}))
    print(text)
    if options.markdown:
        options.markdown.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
