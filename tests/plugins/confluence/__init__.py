"""Tests of the Confluence source, against a fake of its API."""
