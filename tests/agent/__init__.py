"""Tests of the tools that the assistant itself offers."""
