"""The rules of the house that no linter checks: lengths, documentation, cheap imports, a README that works."""
