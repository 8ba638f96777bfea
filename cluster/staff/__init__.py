"""Persons: the human beings behind the accounts of the sites."""
