"""Tests of what the sources share."""
