#!/usr/bin/env bash
# Builds the images without a Docker engine and without a registry of images, so that what the Dockerfile does is proved:
# buildah runs its steps in a chroot, on a Debian that mmdebstrap makes. Then it starts what the images start.
# Usage: infra/docker/prove.sh FOLDER [TARGET...]   (as root; Debian packages buildah and mmdebstrap; 10 GB, 15 minutes)
# PIP_FIND_LINKS (a folder of wheels), PIP_INDEX_URL and TORCH_INDEX are handed on where they are set.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ $# -lt 1 ]; then
  echo "usage: $0 FOLDER [TARGET...]" >&2
  exit 2
fi
for tool in buildah mmdebstrap; do
  command -v "$tool" >/dev/null || { echo "error: $tool is missing: apt-get install buildah mmdebstrap" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "error: making a chroot needs root" >&2; exit 1; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
targets=("${@:-api}")
[ $# -gt 0 ] || targets=(api worker ui)

export STORAGE_DRIVER=overlay BUILDAH_ISOLATION=chroot
builder=(buildah --root "$folder/storage" --runroot "$folder/run")

if [ ! -e "$folder/base.tar" ]; then
  echo "==> Making a minimal Debian"
  mmdebstrap --quiet --variant=minbase --include=ca-certificates bookworm "$folder/base.tar.part"
  mv "$folder/base.tar.part" "$folder/base.tar"
fi
if ! "${builder[@]}" inspect --type image localhost/base >/dev/null 2>&1; then
  container=$("${builder[@]}" from scratch)
  "${builder[@]}" add --quiet "$container" "$folder/base.tar" / >/dev/null
  "${builder[@]}" commit --quiet "$container" localhost/base >/dev/null
  "${builder[@]}" rm "$container" >/dev/null
fi

# What this machine's pip needs to reach its index: certificates, and wheels that lie here.
mkdir -p "$folder/certificates" "$folder/wheels"
cp -L /etc/ssl/certs/ca-certificates.crt "$folder/certificates/"
options=(--build-arg BASE=localhost/base --build-arg "TORCH_INDEX=${TORCH_INDEX-}" --layers --pull-never
  --volume "$folder/certificates:/proof/certificates:ro" --env PIP_CERT=/proof/certificates/ca-certificates.crt)
[ -z "${PIP_FIND_LINKS:-}" ] || options+=(--volume "$PIP_FIND_LINKS:/proof/wheels:ro" --env PIP_FIND_LINKS=/proof/wheels)
[ -z "${PIP_INDEX_URL:-}" ] || options+=(--env "PIP_INDEX_URL=$PIP_INDEX_URL")

for target in "${targets[@]}"; do
  began=$SECONDS
  echo "==> Building $target"
  "${builder[@]}" build "${options[@]}" --format docker --file infra/docker/Dockerfile --target "$target" \
    --tag "localhost/assistant-$target" . >"$folder/$target.log" 2>&1 ||
    { tail -n 30 "$folder/$target.log" >&2; exit 1; }
  container=$("${builder[@]}" from --pull-never "localhost/assistant-$target")
  root=$("${builder[@]}" mount "$container")
  echo "    built in $((SECONDS - began)) s; $(du -sxm "$root" | cut -f1) MB unpacked"
  infra/docker/start_image.sh "$target" "$root" "$folder" || { "${builder[@]}" umount "$container" >/dev/null; exit 1; }
  "${builder[@]}" umount "$container" >/dev/null
  "${builder[@]}" rm "$container" >/dev/null
done
echo "==> Proved: ${targets[*]}"
