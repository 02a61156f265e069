"""Archives: their files are documents of their own."""
