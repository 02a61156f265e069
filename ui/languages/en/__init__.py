"""The texts in English; every other language has the same names."""
