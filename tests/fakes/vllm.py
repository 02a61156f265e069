"""Builds and runs the real vLLM on the CPU, with a tiny random Llama 4, for tests."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tests.fakes.ports import free_port

INFRA = Path(__file__).parents[2] / "infra" / "vllm"
MODEL = "tiny-llama4"
ADAPTER = "tiny-llama4-legal"
LIMIT = 8192  # tokens of prompt and answer
IMAGES = 3
_BUILD_SECONDS = 1200
_START_SECONDS = 600
_STOP_SECONDS = 120


class CannotBuildError(Exception):
    """This machine cannot have it; the message says why."""


def cache_folder() -> Path:
    """Return where it is built and kept from run to run: beside the assistant's other caches."""
    kept = os.environ.get("ASSISTANT_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return (Path(kept) if kept else Path(base) / "assistant") / "vllm-cpu"


def build(folder: Path) -> None:
    """Make the environment and the model where they are missing.

    Raises:
        CannotBuildError: as its name says.
    """
    command = [str(INFRA / "build.sh"), str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_BUILD_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotBuildError(f"{command[0]} did not run: {error}") from error
    if done.returncode != 0:
        raise CannotBuildError(f"{command[0]} failed:\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}")


def lora_flags(adapters: Mapping[str, Path]) -> list[str]:
    """Return the flags that serve these adapters by these names. They may change the attention alone."""
    named = [f"{name}={path}" for name, path in adapters.items()]
    layers = ["--lora-target-modules", "qkv_proj", "o_proj"]
    return ["--enable-lora", "--max-lora-rank", "16", *layers, "--lora-modules", *named]


def make_adapter(folder: Path, seed: int = 0) -> Path:
    """Write a LoRA adapter of random weights for the tiny Llama 4, in PEFT's format, and return its folder.

    `infra/finetune` trains one; this one takes no training, and no second environment.
    """
    import numpy as np
    from safetensors.numpy import save_file

    random = np.random.default_rng(seed)
    rank, hidden = 8, 128
    widths = {"q_proj": 128, "k_proj": 64, "v_proj": 64, "o_proj": 128}
    weights = {}
    for layer in range(4):
        for name, width in widths.items():
            place = f"base_model.model.language_model.model.layers.{layer}.self_attn.{name}"
            for part, shape in (("lora_A", (rank, hidden)), ("lora_B", (width, rank))):
                weights[f"{place}.{part}.weight"] = random.normal(0, 0.2, shape).astype(np.float32)
    folder.mkdir(parents=True)
    save_file(weights, folder / "adapter_model.safetensors")
    config = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": rank, "lora_alpha": 16, "bias": "none"}
    (folder / "adapter_config.json").write_text(json.dumps({**config, "target_modules": list(widths)}))
    return folder


@dataclass
class Vllm:
    """A server that runs.

    Attributes:
        url: its base URL, with `/v1`.
        log: what it writes.
        folder: what was built.
        pid: of the process that its other processes descend from.
    """

    url: str
    log: Path
    folder: Path
    pid: int

    def metric(self, name: str, **labels: str) -> float:
        """Return the sum of a metric over all series that have these labels."""
        text = httpx.get(f"{self.url.removesuffix('/v1')}/metrics", timeout=120).text
        found = re.findall(rf"^{re.escape(name)}(?:\{{([^}}]*)\}})? (\S+)$", text, re.MULTILINE)
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        return sum(float(value) for series, value in found if all(label in series for label in wanted))

    @contextmanager
    def thinking(self) -> Iterator[None]:
        """Hold the engine until the end of the `with`, as if its next token took long; the API still listens.

        A model as tiny as this one may write faster than the API passes on. The API then turns to nothing else before
        the answer's end, and a closed connection is nothing to it until then.
        """
        engine = [p for p in psutil.Process(self.pid).children(recursive=True) if p.name().startswith("VLLM::")]
        for process in engine:
            process.suspend()
        try:
            yield
        finally:
            for process in engine:
                process.resume()


@contextmanager
def running_vllm(folder: Path, log: Path, *flags: str) -> Iterator[Vllm]:
    """Run the server until the end of the `with`.

    Args:
        folder: what `build` made.
        log: a file that it writes to.
        flags: more of vLLM's.

    Raises:
        RuntimeError: it does not start; the end of its log is in the message.
    """
    port = free_port()
    # whatever ends these tests ends the server too, a SIGKILL included
    command = [sys.executable, "-m", "assistant.cli.child", str(os.getpid())]
    command += [str(INFRA / "serve.sh"), str(folder), str(folder / MODEL), str(port), "--served-model-name", MODEL]
    command += ["--max-model-len", str(LIMIT), "--limit-mm-per-prompt", f'{{"image": {IMAGES}}}', *flags]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
    try:
        _wait(process, f"http://127.0.0.1:{port}/health", log)
        yield Vllm(f"http://127.0.0.1:{port}/v1", log, folder, process.pid)
    finally:
        _end(process)


def _wait(process: subprocess.Popen[bytes], health: str, log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            if httpx.get(health, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    raise RuntimeError(f"vLLM does not start: {log.read_text(encoding='utf-8', errors='replace')[-3000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it with all processes that it started; it is the first of their session."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(_STOP_SECONDS)
