"""Tests of the IMAP source, against a real IMAP server."""
