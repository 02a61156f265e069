"""Tests of the GitHub source, against a fake of its API."""
