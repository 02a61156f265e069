"""The texts in German."""
