"""Tests of the tools that an OpenAPI description makes."""
