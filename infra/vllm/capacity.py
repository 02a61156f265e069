"""How much a Llama 4 on given GPUs can hold and how long it takes: `capacity.py scout --gpu H200 --context 3600000`.

The sizes come from the model's config.json (`scout` and `maverick` are in models/; else the file's path). Memory is
computed and agrees with published figures as infra/docs/serving-models.md shows; times are estimates by two stated
efficiencies, and were compared with nothing. Only the standard library is needed.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

BYTES = {
    "bf16": 2.0,
    "fp8": 1.0,
    "int4": 0.5625,
}  # int4: with its scales, one of 16 bits for every 32 weights, rounded up
OVERHEAD_GB = 14.0  # activations, CUDA graphs, NCCL, the profile run with pictures, for each GPU; fitted, see the page
IN_FLIGHT = 8192  # tokens of the batch being read, which chunked layers hold besides their chunk; vLLM's default


@dataclass(frozen=True)
class Gpu:
    """One GPU by its data sheet: memory in bytes, memory bandwidth in bytes a second, dense operations a second."""

    memory: float
    bandwidth: float
    bf16: float
    fp8: float


MIB = 1024.0 * 1024
GPUS = {
    "H100": Gpu(81559 * MIB, 3.35e12, 989e12, 1979e12),
    "H200": Gpu(143771 * MIB, 4.8e12, 989e12, 1979e12),
    "B200": Gpu(183359 * MIB, 8.0e12, 2250e12, 4500e12),
    "A100": Gpu(81920 * MIB, 2.04e12, 312e12, 312e12),
}


@dataclass(frozen=True)
class Model:
    """The sizes that matter.

    Attributes:
        full, chunked: layers that attend to everything, and to a chunk only.
        chunk: tokens of such a chunk.
        kv_heads, head, heads: heads of keys and values, numbers in a head, heads of queries.
        expert_parameters, linear_parameters, other_parameters: weights of routed experts, of the layers' other
            matrices, and of what no checkpoint quantizes (words, router, pictures).
        active: weights that a token goes through.
        experts, expert_layers: routed experts in a layer, and layers that have some.
        length: the longest context that it was trained for.
    """

    full: int
    chunked: int
    chunk: int
    kv_heads: int
    head: int
    heads: int
    expert_parameters: float
    linear_parameters: float
    other_parameters: float
    active: float
    experts: int
    expert_layers: int
    length: int


def read_model(config: dict[str, Any]) -> Model:
    """Return the sizes of a model from its config.json.

    Raises:
        KeyError: the file lacks a size; it is not of a Llama 4.
    """
    text = config.get("text_config", config)
    layers, hidden = text["num_hidden_layers"], text["hidden_size"]
    every = text.get("no_rope_layer_interval") or 4
    kinds = text.get("layer_types") or [
        "full_attention" if (number + 1) % every == 0 else "chunked_attention" for number in range(layers)
    ]
    full = kinds.count("full_attention")
    heads, kv_heads, head = text["num_attention_heads"], text["num_key_value_heads"], text["head_dim"]
    expert_layers = layers // text["interleave_moe_layer_step"]
    expert = 3 * hidden * text["intermediate_size"]  # gate, up and down
    routed = expert_layers * text["num_local_experts"] * expert
    linear = (
        layers * (2 * hidden * heads * head + 2 * hidden * kv_heads * head)
        + expert_layers * expert  # the shared one
        + (layers - expert_layers) * 3 * hidden * text["intermediate_size_mlp"]
    )
    other = (
        expert_layers * hidden * text["num_local_experts"]  # the router
        + text["vocab_size"] * hidden * (1 if text.get("tie_word_embeddings") else 2)
        + _vision_parameters(config.get("vision_config"), hidden)
    )
    return Model(
        full=full,
        chunked=layers - full,
        chunk=text["attention_chunk_size"],
        kv_heads=kv_heads,
        head=head,
        heads=heads,
        expert_parameters=routed,
        linear_parameters=linear,
        other_parameters=other,
        active=linear + other + expert_layers * text["num_experts_per_tok"] * expert,
        experts=text["num_local_experts"],
        expert_layers=expert_layers,
        length=text["max_position_embeddings"],
    )


def _vision_parameters(vision: dict[str, Any] | None, hidden: int) -> float:
    if not vision:
        return 0.0
    size, inner = vision["hidden_size"], vision["intermediate_size"]
    projector = vision["projector_input_dim"] * (inner + vision["projector_output_dim"])
    layers: float = vision["num_hidden_layers"] * (4 * size * size + 2 * size * inner)
    return layers + projector + vision["projector_output_dim"] * hidden


def parameters(model: Model) -> float:
    """Return how many weights the model has."""
    return model.expert_parameters + model.linear_parameters + model.other_parameters


def weight_bytes(model: Model, weights: str) -> float:
    """Return the bytes of the weights: checkpoints in FP8 quantize the experts only, those in 4 bits all matrices."""
    return model.expert_parameters * BYTES[weights] + shared_bytes(model, weights)


def shared_bytes(model: Model, weights: str) -> float:
    """Return the bytes of all weights but the routed experts': what every token reads."""
    linear = BYTES["int4" if weights == "int4" else "bf16"]
    return model.linear_parameters * linear + model.other_parameters * BYTES["bf16"]


def spread(model: Model, gpus: int) -> Model:
    """Return the model as so many GPUs hold it together: more of them than heads hold some heads twice."""
    return replace(model, kv_heads=max(model.kv_heads, gpus))


def layer_token_bytes(model: Model, kv: str) -> float:
    """Return the bytes that a token takes in one layer: a key and a value of each head."""
    return 2 * model.kv_heads * model.head * BYTES[kv]


def cache_bytes(model: Model, kv: str, tokens: int, *, forgets: bool = True, batched: int = IN_FLIGHT) -> float:
    """Return the bytes of keys and values of one sequence.

    Args:
        model: its sizes, as the GPUs hold it: see `spread`.
        kv: the numbers' type in the cache.
        tokens: the sequence's length.
        forgets: whether chunked layers keep their chunk only (vLLM's hybrid manager, its default now); without, they
            keep every token as the others do.
        batched: tokens that are read at once (vLLM's max-num-batched-tokens).
    """
    kept = min(tokens, model.chunk + batched) if forgets else tokens
    return layer_token_bytes(model, kv) * (model.full * tokens + model.chunked * kept)


def room(
    model: Model, gpu: Gpu, gpus: int, weights: str, utilization: float = 0.9, overhead: float = OVERHEAD_GB
) -> float:
    """Return the bytes that are left for keys and values on all GPUs together; negative: the weights do not fit."""
    return gpus * (utilization * gpu.memory - overhead * 1e9) - weight_bytes(model, weights)


def longest(model: Model, kv: str, free: float, *, forgets: bool = True, batched: int = IN_FLIGHT) -> int:
    """Return the tokens of the longest sequence that fits into `free` bytes, whatever the model was trained for."""
    per_token = layer_token_bytes(model, kv)
    short = free / (per_token * (model.full + model.chunked))
    if not forgets or short <= model.chunk + batched:
        return max(0, int(short))
    return int((free / per_token - model.chunked * (model.chunk + batched)) / model.full)


def read_seconds(model: Model, gpu: Gpu, gpus: int, weights: str, tokens: int, efficiency: float) -> float:
    """Return an estimate of the seconds until a prompt has been read, of which the prefix cache has nothing."""
    dense = 2 * model.active * tokens
    # each token attends to those before it: half of all on average, half a chunk in chunked layers
    seen = model.full * tokens / 2 + model.chunked * min(tokens, model.chunk) / 2
    attention = 4 * model.heads * model.head * seen * tokens
    quick = gpu.bf16 if weights == "bf16" else gpu.fp8
    return (dense / quick + attention / gpu.bf16) / (gpus * efficiency)


def write_rate(model: Model, gpu: Gpu, gpus: int, weights: str, users: int, each: float, efficiency: float) -> float:
    """Estimate the tokens a second that each of so many users at once gets; a user's cache takes `each` bytes."""
    touched = model.experts * (1 - (1 - 1 / model.experts) ** users)
    read = (
        shared_bytes(model, weights) + model.expert_parameters * BYTES[weights] * touched / model.experts + users * each
    )
    return gpus * gpu.bandwidth * efficiency / read


def report(model: Model, options: argparse.Namespace) -> dict[str, Any]:
    """Return all figures for the machine and the use that the options name."""
    gpu, gpus, forgets, batched = GPUS[options.gpu], options.gpus, not options.keep_all, options.batched_tokens
    held = spread(model, gpus)
    free = room(model, gpu, gpus, options.weights, options.utilization, options.overhead)
    most = longest(held, options.kv, free, forgets=forgets, batched=batched) if free > 0 else 0
    each = cache_bytes(held, options.kv, options.context, forgets=forgets, batched=batched)
    fits = free > 0 and options.context <= min(most, model.length)
    return {
        "parameters_billion": round(parameters(model) / 1e9, 1),
        "active_billion": round(model.active / 1e9, 1),
        "weights_gb": round(weight_bytes(model, options.weights) / 1e9, 1),
        "kv_room_gb": round(free / 1e9, 1),
        "kv_kib_per_token": round(
            layer_token_bytes(held, options.kv) * (model.full + (0 if forgets else model.chunked)) / 1024, 1
        ),
        "context": options.context,
        "context_gb": round(each / 1e9, 2),
        "fits": fits,
        "longest_context": min(most, model.length),
        "longest_by_memory": most,
        "contexts_at_once": int(free / each) if fits else 0,
        "read_seconds_estimate": round(
            read_seconds(model, gpu, gpus, options.weights, options.context, options.compute_efficiency), 1
        ),
        "tokens_per_second_each_estimate": round(
            write_rate(model, gpu, gpus, options.weights, options.users, each, options.memory_efficiency),
            1,
        ),
    }


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    wanted = argparse.ArgumentParser(description="What a Llama 4 on given GPUs can hold, and how long it takes.")
    wanted.add_argument("model", help="scout, maverick, or the path of a config.json")
    wanted.add_argument("--gpu", choices=GPUS, default="H100")
    wanted.add_argument("--gpus", type=int, default=8, help="GPUs that share the model (tensor parallel); default 8")
    wanted.add_argument("--weights", choices=BYTES, default="bf16", help="type of the experts' weights")
    wanted.add_argument("--kv", choices=("bf16", "fp8"), default="bf16", help="type of the key/value cache")
    wanted.add_argument("--context", type=int, default=200_000, help="tokens of a prompt with its answer")
    wanted.add_argument("--users", type=int, default=1, help="answers that are written at once")
    wanted.add_argument("--utilization", type=float, default=0.9, help="vLLM's gpu-memory-utilization")
    wanted.add_argument("--overhead", type=float, default=OVERHEAD_GB, help="GB of each GPU for all else")
    wanted.add_argument("--batched-tokens", type=int, default=IN_FLIGHT, help="vLLM's max-num-batched-tokens")
    wanted.add_argument("--keep-all", action="store_true", help="chunked layers keep every token, as in old versions")
    wanted.add_argument("--compute-efficiency", type=float, default=0.4, help="share of the operations that is reached")
    wanted.add_argument("--memory-efficiency", type=float, default=0.5, help="share of the bandwidth that is reached")
    wanted.add_argument("--json", action="store_true", help="print one JSON object")
    return wanted


def main(arguments: list[str]) -> int:
    """Print the figures. Return 0 where the context fits, 1 where it does not, 2 for what is no model."""
    options = parser().parse_args(arguments)
    named = Path(__file__).parent / "models" / f"llama-4-{options.model}.json"
    path = named if named.is_file() else Path(options.model)
    try:
        model = read_model(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"error: {path} is no config.json of a Llama 4: {type(error).__name__}: {error}\n")
        return 2
    figures = report(model, options)
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        sys.stdout.writelines(f"{name.replace('_', ' '):32} {value}\n" for name, value in figures.items())
    return 0 if figures["fits"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
