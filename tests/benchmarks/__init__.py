"""Measurements, each run by one command; data comes by path argument."""
