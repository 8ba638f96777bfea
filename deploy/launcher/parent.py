"""Follow make: end when it is killed, and when Ctrl-C reached it alone. Called by run.

A terminal sends Ctrl-C to make and to the launcher; a program that started make sends it to make only, which then
waits for the launcher without passing it on.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
LOOK_EVERY = 0.5


def follow_parent() -> None:
    """Have this process asked to end with its parent, so that no orphan keeps the port (Linux only)."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    parent = os.getppid()
    if is_interruptible(parent):
        threading.Thread(target=relay_interrupt, args=(parent,), daemon=True).start()


def relay_interrupt(parent: int) -> None:
    """Interrupt ourselves once the parent has taken an interrupt: make then gives up its handler and waits for us."""
    while os.getppid() == parent:
        if not is_interruptible(parent):
            os.kill(os.getpid(), signal.SIGINT)
            return
        time.sleep(LOOK_EVERY)


def is_interruptible(pid: int) -> bool:
    """Return whether the process has a handler for SIGINT, as make has until the first one comes."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
    return bool(int(caught, 16) >> (signal.SIGINT - 1) & 1)
