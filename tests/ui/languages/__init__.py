"""Tests of the texts by language."""
