#!/usr/bin/env bash
# Removes from an environment what only its packages' developers use: their own tests and C headers. A test imports every
# module that the assistant does afterwards. Usage: infra/docker/slim.sh VENV [ui]; `ui`: also Arrow's clients of servers and
# stores, which Streamlit does not load.
set -euo pipefail
if [ $# -lt 1 ] || [ ! -x "$1/bin/python" ]; then
  echo "usage: $0 VENV [ui]" >&2
  exit 2
fi
packages=$("$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("platlib"))')
cd "$packages"
# By name: numpy's and others' tests are imported by what is no test.
for package in networkx onnx pandas pyarrow scipy shapely sklearn sympy; do
  [ ! -d $package ] || find $package -type d \( -name tests -o -path onnx/backend/test \) -prune -exec rm -rf {} +
done
rm -rf pyarrow/include torch/include torch/test torch/bin/*Test torch/bin/test_* torch/bin/protoc*
if [ "${2:-}" = ui ]; then
  rm -f pyarrow/{libarrow_flight,libarrow_python_flight,libarrow_s3}.so* pyarrow/_{flight,s3fs}.*.so
fi
