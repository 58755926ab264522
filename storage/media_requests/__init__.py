"""What request managers last said of their requests, and what of it was announced."""
