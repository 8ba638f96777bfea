"""The launcher behind `make`: sets up a machine, starts every part, watches them and stops them again."""
