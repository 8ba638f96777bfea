"""The demonstration cluster: sites, accounts, articles, pictures and files, all marked as demonstration (演示).

Called by the command open_demo; its words lie in deploy/demo, the articles go the road of every publication.
"""
