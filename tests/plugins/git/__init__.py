"""Tests of the Git source, against real Git servers."""
