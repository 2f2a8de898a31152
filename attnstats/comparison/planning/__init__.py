"""How many units of replication a comparison needs."""
