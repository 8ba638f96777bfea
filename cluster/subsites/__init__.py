"""The directory of sites: who they are, under which hosts, in which state, and how they are born and closed."""
