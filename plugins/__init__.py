"""Plugins that ship with the assistant; each enters by the entry point `assistant.plugins`, like a stranger's."""
