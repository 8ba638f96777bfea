#!/usr/bin/env python
"""Run a management command of the cluster. Called by people, the launcher and the tests."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster.settings.dev")
    from cluster.command_line import main

    main(sys.argv)
