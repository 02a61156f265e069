"""Tests of the S3 source, against a real S3 server."""
