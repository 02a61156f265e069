"""Journeys: what people do with the assistant, from click to click, in a real Chromium on the real stack."""
