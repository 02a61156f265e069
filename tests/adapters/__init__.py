"""Tests of assistant.adapters."""
