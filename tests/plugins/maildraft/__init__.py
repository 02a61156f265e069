"""Tests of the tool that drafts mails."""
