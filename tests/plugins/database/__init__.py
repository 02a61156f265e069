"""Tests of the tool that asks a database."""
