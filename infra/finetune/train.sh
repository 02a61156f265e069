#!/usr/bin/env bash
# Trains a LoRA adapter on what `assistant distill` wrote. Usage: infra/finetune/train.sh FOLDER MODEL RECORDS OUT [FLAG...]
# FOLDER: gets an environment of its own (1.3 GB, a few minutes, once); MODEL: a checkpoint's folder or name; RECORDS: the file;
# OUT: the adapter's folder. Flags: see train_lora.py.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -lt 4 ]; then
  echo "usage: $0 FOLDER MODEL RECORDS OUT [FLAG...]" >&2
  exit 2
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
python=${PYTHON:-python3}

# One builds, others wait.
exec 9>"$folder/lock"
flock 9
wanted=$(sha256sum <"$here/requirements.txt")
if [ "$(cat "$folder/venv/.built" 2>/dev/null)" != "$wanted" ]; then
  echo "==> Installing what training needs into $folder" >&2
  rm -rf "$folder/venv"
  "$python" -m venv "$folder/venv"
  "$folder/venv/bin/python" -m pip install -qq --no-input --disable-pip-version-check -r "$here/requirements.txt"
  echo "$wanted" >"$folder/venv/.built"
fi
flock -u 9

export HF_HUB_DISABLE_TELEMETRY=1 DO_NOT_TRACK=1 TOKENIZERS_PARALLELISM=false
exec "$folder/venv/bin/python" "$here/train_lora.py" "$@"
