"""Maps of many columns to few, and the critics learned on them."""
