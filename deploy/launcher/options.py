"""What a person chose by environment variables or on the line of make.

Read once by __main__ and by the tests' and bench's services; everything else takes an Options object.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.launcher.errors import Refusal

REPO = Path(__file__).resolve().parent.parent.parent
SITES = ("demo", "province")


@dataclass(frozen=True)
class Options:
    """The choices of one call of make."""

    var: Path
    port: int = 8000
    host: str = "127.0.0.1"
    sites: str = "demo"
    demo: bool = True
    database_url: str = ""
    database_web_url: str = ""
    # None: start our own; an empty text: search with PostgreSQL only.
    elasticsearch_url: str | None = None
    es_zip: Path | None = None
    ci: bool = False

    @property
    def is_embedded(self) -> bool:
        """Return whether PostgreSQL is the embedded server."""
        return not self.database_url


def read_options(environ: Mapping[str, str] = os.environ) -> Options:
    """Read the choices; raises Refusal for one that makes no sense."""

    def text(name: str) -> str:
        return environ.get(name, "").strip()

    database_url = text("DATABASE_URL")
    sites = text("SITES") or "demo"
    if sites not in SITES:
        raise Refusal(f"SITES={sites} 不认识；可选 {' 或 '.join(SITES)}。")
    return Options(
        var=absolute(text("VAR") or str(REPO / "var")),
        port=port_number(text("PORT") or "8000"),
        host=text("QUNZHAN_BIND") or "127.0.0.1",
        sites=sites,
        demo=is_yes(text("DEMO")) if text("DEMO") else not database_url,
        database_url=database_url,
        database_web_url=text("DATABASE_WEB_URL"),
        elasticsearch_url=text("ELASTICSEARCH_URL") if "ELASTICSEARCH_URL" in environ else None,
        es_zip=absolute(text("ES_ZIP")) if text("ES_ZIP") else None,
        ci=is_yes(text("CI")),
    )


def absolute(path: str) -> Path:
    """Return the path without ~ and links, so that every process names a folder alike."""
    return Path(path).expanduser().resolve()


def is_yes(value: str) -> bool:
    """Return whether the text says yes."""
    return value.lower() in {"1", "true", "yes", "on"}


def port_number(value: str) -> int:
    """Return the TCP port; raises Refusal unless it is a whole number from 1 to 65535."""
    if not value.isdecimal() or not 1 <= int(value) <= 65535:
        raise Refusal(f"PORT={value} 不是 1 到 65535 之间的整数；例如 make run PORT=8080。")
    return int(value)
