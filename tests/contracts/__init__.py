"""One contract suite a Protocol, passed by every adapter and fake."""
