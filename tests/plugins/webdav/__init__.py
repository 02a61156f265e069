"""Tests of the WebDAV source, against a real WebDAV server."""
