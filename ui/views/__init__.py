"""The pages of the web UI and their parts, a file each."""
