"""Backups over fakes, over both databases, and as the command line makes them."""
