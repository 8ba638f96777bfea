"""URL configurations: one for the sites, one for the console."""
