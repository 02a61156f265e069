"""One file a system; each has a class of the system's name that follows `common.System`."""
