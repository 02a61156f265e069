"""Journeys: what people do with the assistant, from the first click to the last, in a real Chromium on the real stack."""
