"""Parser processes: strangers' bytes are read in them, within limits."""
