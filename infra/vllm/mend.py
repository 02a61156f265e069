"""Mends three faults of the pinned packages on a CPU; run once in the environment that `build.sh` makes.

- The torchvision wheel on PyPI is built for CUDA, so its compiled operators do not load beside `torch+cpu`. Its Python
  parts, which Llama 4's image processor uses, register derivatives of two of these operators and fail where nothing
  declares them. What is appended to `torchvision/extension.py` declares them, without an implementation.
- vLLM's oneDNN product takes rows that are contiguous only. A picture of one tile gives Llama 4's patch embedding
  others, and the engine dies of it. They are copied first.
- Where LoRA adapters are served, vLLM runs experts by Triton, which there is none of on a CPU: the first request ends
  the engine. Where `--lora-target-modules` names layers, and so no experts, these keep the kernel that they have.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

DECLARED = """

if not _has_ops():  # declared for torch without CUDA
    _declared = torch.library.Library("torchvision", "DEF")
    _declared.define("nms(Tensor boxes, Tensor scores, float threshold) -> Tensor")
    _declared.define("qnms(Tensor boxes, Tensor scores, float threshold) -> Tensor")
"""
PRODUCT = "ops.onednn_mm(handler, x, bias)"
PRODUCT_OF_ROWS = "ops.onednn_mm(handler, x.contiguous(), bias)"
ADAPTED = "is_lora_enabled=vllm_config.lora_config is not None,"
ADAPTED_EXPERTS = "is_lora_enabled=vllm_config.lora_config is not None and not vllm_config.lora_config.target_modules,"


def declare_operators(source: str) -> str:
    """Return `torchvision/extension.py` with the declarations at its end."""
    return source if DECLARED in source else source + DECLARED


def copy_rows(source: str) -> str:
    """Return vLLM's `model_executor/layers/utils.py` with rows copied before the product."""
    return _replaced(source, PRODUCT, PRODUCT_OF_ROWS, "vLLM's oneDNN product")


def keep_experts(source: str) -> str:
    """Return vLLM's `model_executor/layers/fused_moe/layer.py`: experts that no adapter is for stay as they are."""
    return _replaced(source, ADAPTED, ADAPTED_EXPERTS, "what vLLM's experts ask of adapters")


def _replaced(source: str, old: str, new: str, what: str) -> str:
    """Return the source with the one mended for the other, once.

    Raises:
        SystemExit: this is another version of it than the pinned one.
    """
    if source.count(old) + source.count(new) != 1:
        raise SystemExit(f"error: {what} is not where it was: look whether mend.py is still needed")
    return source.replace(old, new)


def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"error: {package} is not installed in this environment")
    return Path(found.submodule_search_locations[0])


def main() -> None:
    """Mend all of them in this environment."""
    for path, mend in (
        (_folder("torchvision") / "extension.py", declare_operators),
        (_folder("vllm") / "model_executor" / "layers" / "utils.py", copy_rows),
        (_folder("vllm") / "model_executor" / "layers" / "fused_moe" / "layer.py", keep_experts),
    ):
        text = mend(path.read_text(encoding="utf-8"))
        mended = path.with_suffix(".mended")  # put in its place as another file, for pip may have linked that one
        mended.write_text(text, encoding="utf-8")
        mended.replace(path)


if __name__ == "__main__":
    sys.exit(main())
