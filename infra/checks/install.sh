#!/usr/bin/env bash
# Installs what checks the files of infra: Python packages and npm's schemas of KEDA into FOLDER, promtool from Debian's package
# beside them. Usage: infra/checks/install.sh FOLDER; nothing where it is there already. What cannot be had is said and left out:
# the tests that need it are skipped by name.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -ne 1 ]; then
  echo "usage: $0 FOLDER" >&2
  exit 2
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd)
exec 9>"$folder/lock"
flock 9

wanted=$(cat "$here/requirements.txt" "$here/package.json" "$0" | sha256sum | cut -d' ' -f1)
[ "$(cat "$folder/.built" 2>/dev/null)" != "$wanted" ] || exit 0
echo "==> Installing what checks infra into $folder"
missing=
rm -rf "${folder:?}/venv" "${folder:?}/npm" "${folder:?}/bin"

{ "${PYTHON:-python3}" -m venv "$folder/venv" &&
  "$folder/venv/bin/python" -m pip install -qq --no-input --disable-pip-version-check -r "$here/requirements.txt"; } || missing+=" Python packages,"

if command -v npm >/dev/null; then
  mkdir "$folder/npm"
  cp "$here/package.json" "$here/resources.mjs" "$folder/npm/"
  (cd "$folder/npm" && npm install --silent --no-audit --no-fund --ignore-scripts >/dev/null) || missing+=" schemas of KEDA,"
fi

if command -v promtool >/dev/null; then
  mkdir -p "$folder/bin"
  ln -s "$(command -v promtool)" "$folder/bin/promtool"
elif command -v apt-get >/dev/null; then # unpacked only: installed, it would start a server
  unpacked=$(mktemp -d)
  if (cd "$unpacked" && apt-get download -qq prometheus >/dev/null 2>&1 && dpkg-deb -x prometheus_*.deb .); then
    mkdir -p "$folder/bin"
    mv "$unpacked/usr/bin/promtool" "$folder/bin/"
  else
    missing+=" promtool,"
  fi
  rm -rf "$unpacked"
fi

if [ -n "$missing" ]; then
  echo "warning: not to be had:${missing%,}: the tests that need them are skipped" >&2
else
  echo "$wanted" >"$folder/.built"
fi
