#!/usr/bin/env bash
# Starts what an unpacked image starts, as its user, on a root that cannot be written, and waits until its health check
# passes. Usage: infra/docker/start_image.sh TARGET ROOT SCRATCH; called by prove.sh.
set -euo pipefail
if [ $# -ne 3 ]; then
  echo "usage: $0 TARGET ROOT SCRATCH" >&2
  exit 2
fi
target=$1 root=$2 scratch=$3
log=$scratch/$target.run.log
view=$(mktemp -d "$scratch/view.XXXXXX")
home=$(mktemp -d "$scratch/home.XXXXXX")
chmod 0755 "$scratch" "$view"
chmod 0700 "$home"
chown 10001:10001 "$home"

image=(HOME=/tmp LANG=C.UTF-8 PATH=/opt/assistant/venv/bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1
  PYTHONDONTWRITEBYTECODE=1 ASSISTANT_HOME=/data ASSISTANT_CACHE=/opt/assistant/cache)
case $target in
  api) # with no server beside it: engine and worker are in the process itself
    run=("${image[@]}" ASSISTANT_HOST=0.0.0.0 ASSISTANT_SIGN_IN=accounts ASSISTANT_PORT=18190 assistant up --no-ui)
    check=(curl -sf -o /dev/null http://127.0.0.1:18190/ready)
    ;;
  worker)
    run=("${image[@]}" "ASSISTANT_BROKER_URL=${BROKER_URL:-redis://127.0.0.1:1/0}" celery -A workers.main worker --pool threads
      --concurrency 4 --without-gossip --without-mingle)
    check=(nsenter_check python -m workers.alive)
    ;;
  ui)
    run=("${image[@]}" ASSISTANT_HOME=/tmp ASSISTANT_HOST=0.0.0.0 ASSISTANT_UI_PORT=18191
      ASSISTANT_API_URL=http://127.0.0.1:18190 python -m ui)
    check=(curl -sf -o /dev/null http://127.0.0.1:18191/_stcore/health)
    ;;
  *)
    echo "error: no target $target" >&2
    exit 2
    ;;
esac

# Namespaces of its own for mounts and processes; the network is this machine's. What is mounted goes with them.
# shellcheck disable=SC2016  # expanded by the shell inside
unshare --mount --pid --fork --kill-child --propagation private bash -c '
  set -euo pipefail
  view=$1 root=$2 home=$3
  shift 3
  mount --bind "$root" "$view"
  mount -o remount,bind,ro "$view"
  mount -t tmpfs -o mode=1777 tmpfs "$view/tmp"
  mount -t proc proc "$view/proc"
  mount -t tmpfs -o mode=0755 tmpfs "$view/dev"
  for node in null zero random urandom; do touch "$view/dev/$node"; mount --bind "/dev/$node" "$view/dev/$node"; done
  mkdir "$view/dev/shm" && mount -t tmpfs -o mode=1777 tmpfs "$view/dev/shm"
  mount --bind "$home" "$view/data"
  cd /
  exec setpriv --no-new-privs chroot --userspec=10001:10001 --groups= "$view" /usr/bin/env -i "$@"
' inside "$view" "$root" "$home" "${run[@]}" >"$log" 2>&1 &
unshare=$!

# unshare itself lets a SIGTERM pass: its child is ended, the first process of the namespace, and all others with it.
end() {
  local inner
  inner=$(pgrep -P $unshare | head -n 1) || true
  [ -z "$inner" ] || kill -KILL "$inner"
  wait $unshare 2>/dev/null || true
  rmdir "$view"
  rm -rf "$home"
}
trap end EXIT

# The process inside, seen from here: the health check of a worker looks at its /tmp.
nsenter_check() {
  local inner
  inner=$(pgrep -P $unshare | head -n 1) && [ -n "$inner" ] &&
    nsenter --target "$inner" --mount --pid chroot --userspec=10001:10001 --groups= "$view" /usr/bin/env -i "${image[@]}" "$@"
}

began=$SECONDS
until "${check[@]}" 2>/dev/null; do
  if ! kill -0 $unshare 2>/dev/null || [ $((SECONDS - began)) -gt 300 ]; then
    echo "error: $target did not start; its last lines:" >&2
    tail -n 20 "$log" >&2
    exit 1
  fi
  sleep 1
done
inner=$(pgrep -P $unshare | head -n 1)
owner=$(stat -c %u "/proc/$inner")
memory=$(awk '/^VmRSS/ {print int($2 / 1024)}' "/proc/$inner/status")
echo "    started in $((SECONDS - began)) s as user $owner on a read-only root: healthy, $memory MB"
if [ "$target" = api ]; then
  [ "$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:18190/api/status)" = 401 ] || {
    echo "error: the API answered one who is not signed in" >&2
    exit 1
  }
  # Letters of a conversation as PDF: typst refuses, in this standard, what no font of the image has.
  nsenter_check python -c 'import typst; typst.compile("""#set document(title: "Letters")
Ελληνικά Привет مرحبا שלום नमस्ते নমস্কার வணக்கம் สวัสดี 中文 日本語 한국어 ሰላም សួស្តី""".encode(), format="pdf", pdf_standards="ua-1")' || {
    echo "error: the image lacks fonts" >&2
    exit 1
  }
fi
