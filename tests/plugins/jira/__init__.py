"""Tests of the Jira source, against a fake of its API."""
