"""The pictures and attachments that a finished page leads to, as its own addresses name them.

Called by cluster.edge.store when a page is kept: these files are served as long as it is.
"""

import html
import re

_LINKED = re.compile(rb"[\"'\s,](/(?:media|documents)/[^\s\"'<>,]+)")


def files_in(body: bytes) -> set[str]:
    """Return the addresses of files of this site in a page: in links, pictures and their alternatives (srcset)."""
    return {html.unescape(found.decode("utf-8", "replace")) for found in _LINKED.findall(body)}
