"""Tests of the source for LlamaIndex's readers, with two of LlamaHub's."""
