"""What the conformance kit tries the calculator with."""

from __future__ import annotations

EXAMPLES = {"calculator": {"expression": "(1 + 2) * 3"}}
