"""The clock of columns: how long each has stood still, what the inspection rules say of a site, and who must hear of it."""
