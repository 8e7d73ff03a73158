"""Places an order at the price that the catalogue names."""
