"""Web pages, and the books made of them."""
