"""Two conditions whose scores are 0 or 1: on the same units, or on two independent groups of them."""
