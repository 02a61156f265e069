"""Compares retrieval with what people would use instead."""
