"""Tests of the GitLab source, against a fake of its API."""
