"""Tests of the SQL source, against Postgres and SQLite."""
