"""Formats whose file is its text, and data in text form."""
