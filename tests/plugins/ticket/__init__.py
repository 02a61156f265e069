"""Tests of the tool that creates tickets."""
