"""Get Elasticsearch going in a thread while the database is made ready. Called by run."""

import threading
import time

from deploy.launcher import console, processes
from deploy.launcher.elasticsearch import Elasticsearch
from deploy.launcher.errors import Refusal
from deploy.launcher.services import AGAIN, INSTALL, without


class SearchStart:
    """Fetching and starting Elasticsearch beside other work; `reason` says why there will be none."""

    def __init__(self, server: Elasticsearch) -> None:
        self.server = server
        self.reason = server.obstacle()
        self.cure = INSTALL
        self.doing = ""
        self.is_cancelled = False
        self.thread = threading.Thread(target=self.work, daemon=True)

    def begin(self) -> None:
        """Start the work unless something is missing for it."""
        if not self.reason:
            self.thread.start()

    def work(self) -> None:
        """Fetch, then start; a failure becomes the reason."""
        try:
            self.server.fetch(tell=self.tell)
            if not self.is_cancelled:
                self.server.start()
        except (Refusal, OSError) as error:
            self.reason, self.cure = str(error), AGAIN

    def tell(self, text: str) -> None:
        """Keep what is being done for the line at the end of other work; the terminal belongs to that work now."""
        self.doing = text

    def address(self) -> str:
        """Wait until the server is started or known to be unavailable; return its address or an empty text."""
        if self.thread.is_alive():
            began = time.monotonic()
            with console.console.status("") as status:
                while self.thread.is_alive():
                    status.update(f"{self.doing} {time.monotonic() - began:.0f} 秒")
                    self.thread.join(0.5)
        if self.reason:
            console.warn(without(self.reason, self.cure))
            return ""
        return self.server.url

    def stop(self) -> None:
        """Stop the fetching or the server, whichever is under way."""
        self.is_cancelled = True
        processes.stop(processes.strays("fetch", self.server.home.parent), patience=5)
        if self.thread.is_alive():
            self.thread.join(10)
        self.server.stop()
