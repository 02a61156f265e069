"""Tests of the tools that admins configure."""
