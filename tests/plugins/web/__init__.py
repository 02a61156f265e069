"""Tests of the web source, against a real HTTP server."""
