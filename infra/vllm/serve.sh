#!/usr/bin/env bash
# Serves a model with vLLM on the CPU, on the loopback address. Usage: infra/vllm/serve.sh FOLDER MODEL PORT [FLAG...]
# FOLDER: what build.sh made; MODEL: a checkpoint's folder (FOLDER/tiny-llama4 is one). Flags are vLLM's own and come last, so
# that they win over those here.
set -euo pipefail
if [ $# -lt 3 ]; then
  echo "usage: $0 FOLDER MODEL PORT [FLAG...]" >&2
  exit 2
fi
folder=$1 model=$2 port=$3
shift 3

# Nothing is fetched and nothing is reported. The prefix and key/value cache has as many GiB as VLLM_CPU_KVCACHE_SPACE says.
export HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 VLLM_HOST_IP=127.0.0.1
export VLLM_CPU_KVCACHE_SPACE=${VLLM_CPU_KVCACHE_SPACE:-1}

# float32 cannot be had: a picture ends such a server. Prompt details say how much of a prompt came from the prefix cache.
exec "$folder/venv/bin/python" -m vllm.entrypoints.openai.api_server \
  --model "$model" --host 127.0.0.1 --port "$port" --dtype bfloat16 --enforce-eager --max-model-len 8192 \
  --enable-prompt-tokens-details --enable-auto-tool-choice --tool-call-parser llama4_pythonic \
  --structured-outputs-config '{"backend": "xgrammar", "disable_any_whitespace": true}' "$@"
