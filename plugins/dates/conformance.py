"""What the conformance kit tries the calendar tool with."""

from __future__ import annotations

EXAMPLES = {"dates": {"operation": "add", "date": "2026-01-31", "amount": 1, "unit": "months"}}
