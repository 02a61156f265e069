#!/usr/bin/env bash
# Makes the secrets of infra/compose.yaml, once: passwords that nobody has to know, and the settings that hold them.
# Usage: infra/secrets.sh [FOLDER]; default: secrets, beside this script. What is there already is left as it is.
set -euo pipefail
cd "$(dirname "$0")"
folder=${1:-secrets}
umask 077
mkdir -p "$folder"
for file in postgres_password valkey.conf qdrant.yaml assistant.toml; do
  if [ -e "$folder/$file" ]; then
    echo "error: $folder/$file is there already; to make all anew, move it away: what it opens stays closed without it" >&2
    exit 1
  fi
done

random() { head -c 32 /dev/urandom | base64 | tr -d '\n' | tr '+/' '-_'; }
postgres=$(random | tr -d '=')
valkey=$(random | tr -d '=')
qdrant=$(random | tr -d '=')

printf '%s' "$postgres" >"$folder/postgres_password"
cat >"$folder/valkey.conf" <<END
bind 0.0.0.0
dir /data
appendonly yes
maxmemory 256mb
maxmemory-policy noeviction
requirepass $valkey
END
cat >"$folder/qdrant.yaml" <<END
service:
  api_key: $qdrant
END
cat >"$folder/assistant.toml" <<END
# More settings may stand here, such as the tables [models.NAME] with keys of servers.
catalog_url = "postgresql+pg8000://assistant:$postgres@postgres/assistant"
broker_url = "redis://:$valkey@valkey:6379/0"
qdrant_api_key = "$qdrant"
secret_key = "$(random)"
END
# The containers' users are not this one, and a file is mounted by itself: it can be read inside, while the folder keeps
# everybody else on this machine out.
chmod 0444 "$folder"/*
chmod 0700 "$folder"
echo "made $folder: keep a copy of assistant.toml elsewhere; without its secret_key, sources' passwords in a backup stay closed"
