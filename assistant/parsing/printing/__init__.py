"""Pages of Office files, as LibreOffice prints them."""
