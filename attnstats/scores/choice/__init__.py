"""Which analysis a design asks for, and why."""
