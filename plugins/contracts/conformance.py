"""What the conformance kit tries the pack with: its own contracts."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "evaluation" / "documents"
_NEW = {"source": "conformance", "key": "hosting-2027.md"}

DOCUMENTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(_FOLDER.iterdir())}
EXAMPLES = {
    "find_clauses": {"kind": "termination", "source": "conformance"},
    "obligations": {"document": _NEW, "sort": "due"},
    "compare_versions": {"old": {"source": "conformance", "key": "hosting-2025.md"}, "new": _NEW},
}
