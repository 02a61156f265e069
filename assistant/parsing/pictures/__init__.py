"""Pictures: what is on them, and what they look like."""
