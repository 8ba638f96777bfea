"""The subcommands of `manage.py column_templates`, one module each; the command finds every module of this folder.

A module has HELP, `add_arguments(parser)` and `run(command, options)`; its name is the subcommand's.
"""
