"""Mends two faults of the pinned packages on a CPU; run once in the environment that `build.sh` makes.

- The torchvision wheel on PyPI is built for CUDA, so its compiled operators do not load beside `torch+cpu`. Its Python
  parts, which Llama 4's image processor uses, register derivatives of two of these operators and fail where nothing
  declares them. What is appended to `torchvision/extension.py` declares them, without an implementation.
- vLLM's oneDNN product takes rows that are contiguous only. A picture of one tile gives Llama 4's patch embedding
  others, and the engine dies of it. They are copied first.
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


def declare_operators(source: str) -> str:
    """Return `torchvision/extension.py` with the declarations at its end."""
    return source if DECLARED in source else source + DECLARED


def copy_rows(source: str) -> str:
    """Return vLLM's `model_executor/layers/utils.py` with rows copied before the product.

    Raises:
        SystemExit: this is another version of it than the pinned one.
    """
    if source.count(PRODUCT) + source.count(PRODUCT_OF_ROWS) != 1:
        raise SystemExit("error: vLLM's oneDNN product is not where it was: look whether mend.py is still needed")
    return source.replace(PRODUCT, PRODUCT_OF_ROWS)


def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"error: {package} is not installed in this environment")
    return Path(found.submodule_search_locations[0])


def main() -> None:
    """Mend both in this environment."""
    for path, mend in (
        (_folder("torchvision") / "extension.py", declare_operators),
        (_folder("vllm") / "model_executor" / "layers" / "utils.py", copy_rows),
    ):
        text = mend(path.read_text(encoding="utf-8"))
        mended = path.with_suffix(".mended")  # put in its place as another file, for pip may have linked that one
        mended.write_text(text, encoding="utf-8")
        mended.replace(path)


if __name__ == "__main__":
    sys.exit(main())
