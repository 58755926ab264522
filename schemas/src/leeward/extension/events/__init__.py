"""Events: what one is, which types there are, and who receives them."""
