#!/usr/bin/env bash
# setup.sh FOLDER: makes a virtual environment there with the compared systems, pinned in requirements.txt.
# An environment of their own, since they pin other versions than the assistant, which does not need them.
set -euo pipefail
cd "$(dirname "$0")"
folder=${1:?usage: setup.sh FOLDER}
[ -x "$folder/bin/python" ] || "${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/pip" install --disable-pip-version-check -r requirements.txt
