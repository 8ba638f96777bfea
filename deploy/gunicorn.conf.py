# ruff: noqa: N999
"""How gunicorn serves the sites: two processes of four threads, loaded once and then forked.

Read by gunicorn, started by the launcher or by systemd; every value may be set by the environment.
"""

import gc
import os
from pathlib import Path
from typing import Any

from gunicorn.http import message

wsgi_app = "cluster.wsgi:application"
bind = os.environ.get("QUNZHAN_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
# gunicorn's threads, with a main thread that hands out stored pages by itself.
worker_class = "cluster.edge.worker_class.StoreWorker"
# Loaded before the fork, the code's memory is shared by all workers.
preload_app = True
# A connection that has met every schema holds 160 MB in PostgreSQL; a new worker gives them back. Answers from the page
# store do not count: they ask no database, and thousands in a second would wear the workers out for nothing.
max_requests = 20_000
max_requests_jitter = 2_000
timeout = 60
graceful_timeout = 10
keepalive = 5
# gunicorn would put one socket for all installations into the home folder.
control_socket_disable = True
# The workers' sign of life is a file: on a slow disk it would stall them.
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  gunicorn makes a private file in it
worker_tmp_dir = str(SHARED_MEMORY) if SHARED_MEMORY.is_dir() else None
# A search for 10,000 Chinese signs is an address of 90 KB. The product answers it with a sentence; gunicorn's own limit of
# 4 KB, which this constant keeps below 8 KB, with a bare page in English.
limit_request_line = message.MAX_REQUEST_LINE = 128 * 1024
# Without an access log of its own: nginx or the operator's proxy writes one, without citizens' query texts.
accesslog = None
errorlog = "-"
loglevel = os.environ.get("WEB_LOG_LEVEL", "info")
# No header says below which path the sites lie or what was asked for: gunicorn would believe SCRIPT_NAME and PATH_INFO from
# the addresses below, and whoever reaches the port from this machine could shape the page that everybody gets.
forwarder_headers = ""
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")


def post_request(worker: Any, req: object, environ: dict[str, object], resp: object) -> None:
    """Count a request no more that the page store answered; those answered by the main thread were never counted."""
    from cluster.edge.wsgi import STORED

    if STORED in environ:
        worker.nr -= 1


def when_ready(server: object) -> None:
    """Load what the first visitor would wait for, close what loading opened, and freeze the heap.

    Done before the fork: the workers, also those that replace them later, share these pages and copy none of them.
    """
    from django.db import connections

    from search.warming import warm_up

    warm_up()
    connections.close_all()
    gc.collect()
    gc.freeze()
