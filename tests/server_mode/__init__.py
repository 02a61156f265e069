"""Server mode on one machine from packages alone, and a soak of it under faults: `python -m tests.server_mode.soak`."""
