"""The adapters to other programs."""
