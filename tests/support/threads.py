"""Two transactions at once: a function in a thread with a connection of its own, and the moment when one waits for another."""

import threading
import time

from django.db import connection


def in_thread(function):
    """Run the function in a thread with a connection of its own and return what it gave or raised."""
    out = []

    def run():
        try:
            out.append(function())
        except BaseException as error:
            out.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=30)
    assert out, "the thread hangs"
    return out[0]


def wait_until_somebody_waits():
    """Return when another connection waits for a lock of this one."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone():
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits for a lock")
