"""Tests of the pack for contracts."""
