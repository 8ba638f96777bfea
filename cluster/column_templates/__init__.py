"""The law of columns: what every kind of site must have, what its items must carry, how often it must move."""
