"""The articles of a site."""
