"""The ledger: every publication, withdrawal and change of a site, appended and never altered."""
