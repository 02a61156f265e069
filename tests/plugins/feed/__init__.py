"""Tests of the feed source, against a real HTTP server."""
