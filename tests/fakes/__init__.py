"""Small deterministic stand-ins that pass the same contract suites as the real adapters."""
