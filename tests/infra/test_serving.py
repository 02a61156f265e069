"""The serve configurations, read by vLLM's own parser, and the capacity calculator against what others published."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from types import ModuleType
from typing import Any

import pytest
import yaml

from tests.infra.tools import INFRA, cache, passes, run

VLLM = INFRA / "vllm"
FILES = sorted((VLLM / "serve").glob("*.yaml"))
_ASK = """
import json, sys
from vllm.entrypoints.launchers.cli_args import make_arg_parser
from vllm.utils.argparse_utils import FlexibleArgumentParser
said = {}
for file in sys.argv[1:]:
    options = make_arg_parser(FlexibleArgumentParser()).parse_args(["--config", file, "--model", "/model"])
    sizes = [options.max_model_len, options.tensor_parallel_size]
    said[file] = [*sizes, options.tool_call_parser, options.limit_mm_per_prompt]
import torch
from vllm.v1.kv_cache_interface import FullAttentionSpec
kinds = (torch.bfloat16, torch.uint8)
pages = [FullAttentionSpec(block_size=1, num_kv_heads=8, head_size=128, dtype=kind).page_size_bytes for kind in kinds]
print("SAID" + json.dumps({"files": said, "pages": pages}))
"""


@pytest.fixture(scope="module")
def capacity() -> ModuleType:
    spec = importlib.util.spec_from_file_location("capacity", VLLM / "capacity.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["capacity"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def vllm_says() -> dict[str, Any]:
    """What the installed vLLM reads in the files, and how many bytes it reckons with."""
    python = cache() / "vllm-cpu" / "venv" / "bin" / "python"
    if not python.exists():
        pytest.skip("vLLM is not installed: infra/vllm/build.sh does that")
    written = passes(python, "-c", _ASK, *FILES)
    said: dict[str, Any] = json.loads(written.split("SAID")[1].splitlines()[0])
    return said


def model(capacity: ModuleType, name: str):
    return capacity.read_model(json.loads((VLLM / "models" / f"llama-4-{name}.json").read_text(encoding="utf-8")))


def test_vllm_takes_every_flag(vllm_says: dict[str, Any]) -> None:
    said = vllm_says["files"]
    assert len(said) == len(FILES) >= 8
    for file in FILES:
        length, gpus, tools, pictures = said[str(file)]
        options = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert [length, gpus] == [options["max-model-len"], options["tensor-parallel-size"]]
        assert tools == "llama4_pythonic"
        assert pictures["image"] >= 4


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_served_fits_the_machine(capacity: ModuleType, file) -> None:
    options = yaml.safe_load(file.read_text(encoding="utf-8"))
    name, *rest = file.stem.split("-")
    gpus, gpu = next(part for part in rest if "x" in part).split("x")
    assert int(gpus) == options["tensor-parallel-size"]
    kind = next((part for part in rest if part in capacity.BYTES), "bf16")
    kv = "fp8" if options.get("kv-cache-dtype") == "fp8" else "bf16"
    sizes = model(capacity, name)
    said = re.search(
        r"--overhead (\d+)", file.read_text(encoding="utf-8")
    )  # beside the flags, where it is not the usual one
    overhead = float(said[1]) if said else capacity.OVERHEAD_GB
    use, batched = options["gpu-memory-utilization"], options.get("max-num-batched-tokens", capacity.IN_FLIGHT)
    free = capacity.room(sizes, capacity.GPUS[gpu.upper()], int(gpus), kind, use, overhead)
    held = capacity.spread(sizes, int(gpus))
    assert options["max-model-len"] <= min(capacity.longest(held, kv, free, batched=batched), sizes.length)


def test_the_commands_beside_the_flags_say_that_it_fits() -> None:
    texts = [file.read_text(encoding="utf-8") for file in (*FILES, INFRA / "docs" / "serving-models.md")]
    commands = [found for text in texts for found in re.findall(r"capacity\.py (scout --gpu [^`\n]*)", text)]
    assert len(commands) == 2
    for command in commands:
        options = yaml.safe_load((VLLM / "serve" / "scout-int4-1xh100.yaml").read_text(encoding="utf-8"))
        assert f"--context {options['max-model-len']} " in command
        assert f"--utilization {options['gpu-memory-utilization']} " in command
        assert command.endswith(f"--batched-tokens {options['max-num-batched-tokens']}")
        assert json.loads(passes(sys.executable, VLLM / "capacity.py", *command.split(), "--json"))["fits"] is True


def test_more_gpus_than_heads_hold_heads_twice(capacity: ModuleType) -> None:
    sizes = model(capacity, "scout")
    assert sizes.kv_heads == 8
    one, eight, sixteen = (capacity.cache_bytes(capacity.spread(sizes, gpus), "bf16", 100_000) for gpus in (1, 8, 16))
    assert one == eight == sixteen / 2
    small = capacity.cache_bytes(sizes, "bf16", 100_000, batched=2048)
    assert eight - small == 36 * 4096 * (8192 - 2048)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_gives_what_the_assistant_uses(file) -> None:
    options = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert options["enable-prefix-caching"] is True
    assert options["enable-prompt-tokens-details"] is True
    assert options["enable-auto-tool-choice"] is True
    assert options["tool-call-parser"] == "llama4_pythonic"
    assert options["limit-mm-per-prompt"]["image"] >= 4
    if options.get("enable-lora"):
        assert options["lora-modules"]
        assert not set(options["lora-target-modules"]) - {"q_proj", "k_proj", "v_proj", "o_proj"}


def test_every_machine_that_is_promised_has_its_file_and_its_row() -> None:
    page = (INFRA / "docs" / "serving-models.md").read_text(encoding="utf-8")
    for file in FILES:
        context = yaml.safe_load(file.read_text(encoding="utf-8"))["max-model-len"]
        row = next(line for line in page.splitlines() if line.startswith(f"| `{file.name}` |"))
        assert row.endswith(f"| {context:,} |")
    named = {file.stem for file in FILES}
    assert {"maverick-fp8-8xh100", "maverick-fp8-8xh200", "maverick-fp8-8xh200-lora", "scout-1m-8xh100"} <= named
    assert {"scout-3600k-8xh200", "scout-10m-8xh200", "scout-int4-1xh100", "scout-int4-1xh200"} <= named


def test_the_models_have_the_published_sizes(capacity: ModuleType) -> None:
    # Meta: 109 and 400 billion parameters, 17 active without the words' and the pictures' part
    for name, whole in (("scout", 109e9), ("maverick", 400e9)):
        sizes = model(capacity, name)
        assert capacity.parameters(sizes) == pytest.approx(whole, rel=0.01)
        assert sizes.active == pytest.approx(17e9, rel=0.08)
        assert (sizes.full, sizes.chunked) == (12, 36)


@pytest.mark.parametrize(
    ("name", "gpu", "weights", "forgets", "published"),
    [
        ("maverick", "H100", "fp8", False, 430_000),  # the vLLM blog on Llama 4, April 2025
        ("scout", "H100", "bf16", False, 1_280_000),  # vLLM's pull request 16104, which brought the model
        ("scout", "H200", "bf16", False, 3_600_000),  # the blog
        ("scout", "H100", "bf16", True, 5_000_000),  # SGLang's page on Llama 4, with its hybrid cache
    ],
)
def test_the_longest_contexts_agree_with_published_ones(
    capacity: ModuleType, name: str, gpu: str, weights: str, forgets: bool, published: int
) -> None:
    sizes = model(capacity, name)
    free = capacity.room(sizes, capacity.GPUS[gpu], 8, weights)
    computed = capacity.longest(sizes, "bf16", free, forgets=forgets)
    assert published <= computed <= 1.2 * published


def test_a_tokens_bytes_are_vllms_own(capacity: ModuleType, vllm_says: dict[str, Any]) -> None:
    sizes = model(capacity, "scout")
    assert vllm_says["pages"] == [capacity.layer_token_bytes(sizes, kv) for kv in ("bf16", "fp8")] == [4096, 2048]


def test_chunked_layers_forget(capacity: ModuleType) -> None:
    sizes = model(capacity, "scout")
    assert capacity.cache_bytes(sizes, "bf16", 1) == 48 * 4096
    kept = capacity.cache_bytes(sizes, "bf16", 1_000_000, forgets=False)
    assert kept == 48 * 4096 * 1_000_000
    grown = capacity.cache_bytes(sizes, "bf16", 2_000_000) - capacity.cache_bytes(sizes, "bf16", 1_000_000)
    assert grown == 12 * 4096 * 1_000_000
    free = 300e9
    longest = capacity.longest(sizes, "bf16", free)
    assert capacity.cache_bytes(sizes, "bf16", longest) <= free < capacity.cache_bytes(sizes, "bf16", longest + 2)


def test_the_tiny_llama_is_one_as_well(capacity: ModuleType) -> None:
    layers = ["chunked_attention"] * 3 + ["full_attention"]
    text = {
        "hidden_size": 128,
        "num_hidden_layers": 4,
        "layer_types": layers,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 32,
        "intermediate_size": 128,
        "intermediate_size_mlp": 256,
        "interleave_moe_layer_step": 2,
        "num_local_experts": 4,
        "num_experts_per_tok": 1,
        "vocab_size": 4096,
        "attention_chunk_size": 8192,
        "max_position_embeddings": 16384,
    }
    sizes = capacity.read_model({"text_config": text})
    assert (sizes.full, sizes.chunked, sizes.expert_layers) == (1, 3, 2)
    assert capacity.parameters(sizes) == pytest.approx(2e6, rel=0.15)


def test_longer_prompts_and_more_people_cost_more_time(capacity: ModuleType) -> None:
    sizes, gpu = model(capacity, "scout"), capacity.GPUS["H200"]
    seconds = [capacity.read_seconds(sizes, gpu, 8, "bf16", tokens, 0.4) for tokens in (100_000, 1_000_000, 10_000_000)]
    assert seconds[1] > 10 * seconds[0]
    assert seconds[2] > 3600  # said where ten million tokens are offered
    each = capacity.cache_bytes(sizes, "bf16", 100_000)
    rates = [capacity.write_rate(sizes, gpu, 8, "bf16", users, each, 0.5) for users in (1, 8, 64)]
    assert rates[0] > rates[1] > rates[2] > 0


def test_the_command_says_what_fits_and_what_does_not() -> None:
    script = VLLM / "capacity.py"
    fits = passes(sys.executable, script, "maverick", "--weights", "fp8", "--context", "430000", "--json")
    assert json.loads(fits)["fits"] is True
    too_much = run(sys.executable, script, "scout", "--context", "9000000", "--json")
    assert too_much.returncode == 1
    assert json.loads(too_much.stdout)["contexts_at_once"] == 0
    no_model = run(sys.executable, script, str(VLLM / "serve.sh"))
    assert no_model.returncode == 2
    assert "is no config.json of a Llama 4" in no_model.stdout
