#!/usr/bin/env bash
# Makes what a vLLM server on the CPU needs: an environment of its own with the pinned packages, and a tiny random Llama 4.
# Usage: infra/vllm/build.sh FOLDER; 2.5 GB and about three minutes, nothing where it is there already.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -ne 1 ]; then
  echo "usage: $0 FOLDER" >&2
  exit 2
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd)
python=${PYTHON:-python3}

# One builds, others wait: two test runs may want it at once.
exec 9>"$folder/lock"
flock 9

wanted=$(cat "$here/requirements.lock" "$here/mend.py" | sha256sum | cut -d' ' -f1)
if [ "$(cat "$folder/venv/.built" 2>/dev/null)" != "$wanted" ]; then
  echo "==> Installing vLLM for the CPU into $folder (2.5 GB)"
  rm -rf "$folder/venv" "$folder/tiny-llama4"
  "$python" -m venv "$folder/venv"
  "$folder/venv/bin/python" -m pip install -qq --no-input --disable-pip-version-check --no-deps -r "$here/requirements.lock"
  "$folder/venv/bin/python" "$here/mend.py"
  "$folder/venv/bin/python" -c 'import vllm, torchvision.transforms' 2>/dev/null || {
    echo "error: vLLM was installed and cannot be imported" >&2
    exit 1
  }
  echo "$wanted" >"$folder/venv/.built"
fi

wanted=$(sha256sum <"$here/tiny_llama4.py" | cut -d' ' -f1)
if [ "$(cat "$folder/tiny-llama4/.built" 2>/dev/null)" != "$wanted" ]; then
  echo "==> Making a tiny Llama 4"
  rm -rf "$folder/tiny-llama4"
  "$folder/venv/bin/python" "$here/tiny_llama4.py" "$folder/tiny-llama4" 2>"$folder/tiny-llama4.log" || {
    cat "$folder/tiny-llama4.log" >&2
    exit 1
  }
  echo "$wanted" >"$folder/tiny-llama4/.built"
fi
