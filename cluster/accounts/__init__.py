"""Accounts: the users of one site. They lie in its schema, since Wagtail joins them in SQL (design part 6)."""
