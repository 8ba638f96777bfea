"""Forms of the console: what the office types, checked by the rules of the directory of sites."""
