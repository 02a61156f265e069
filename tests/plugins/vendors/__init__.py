"""Tests of what vendors' sources share."""
