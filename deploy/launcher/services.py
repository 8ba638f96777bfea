"""PostgreSQL and Elasticsearch for whoever needs them: `make run`, `make test`, `make bench`, `make backup`.

ensure_postgres and ensure_elasticsearch are contexts: they start what is not running, hand over its address and stop
at the end only what they started. An address given by the environment is only checked.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from deploy.launcher.elasticsearch import Elasticsearch
from deploy.launcher.errors import Refusal
from deploy.launcher.java import OLDEST
from deploy.launcher.options import Options
from deploy.launcher.postgres import OWNER, WEB, EmbeddedPostgres

OLDEST_POSTGRES = 150_000
LOCKS_NEEDED = 1024
INSTALL = f"要用 Elasticsearch，请安装 Maven 和 Java {OLDEST} 以上，或用 ELASTICSEARCH_URL= 指定已有的集群。"
AGAIN = "下次启动会再试；也可以用 ELASTICSEARCH_URL= 指定已有的集群。"


@dataclass(frozen=True)
class Databases:
    """The two connection URLs: the owner's and the web role's."""

    owner: str
    web: str


@contextlib.contextmanager
def ensure_postgres(options: Options, *, warn: Callable[[str], None]) -> Iterator[Databases]:
    """Give PostgreSQL, the embedded one unless DATABASE_URL names another."""
    if not options.is_embedded:
        check_databases(options, warn)
        yield Databases(options.database_url, options.database_web_url)
        return
    server = EmbeddedPostgres(options.var)
    started = server.start()
    try:
        yield Databases(server.url(OWNER), server.url(WEB))
    finally:
        if started:
            server.stop()


@contextlib.contextmanager
def ensure_elasticsearch(
    options: Options, *, programs: Path | None = None, warn: Callable[[str], None]
) -> Iterator[str]:
    """Give Elasticsearch's address, or an empty text after saying why there is none."""
    if options.elasticsearch_url is not None:
        yield check_elasticsearch(options.elasticsearch_url, warn)
        return
    server = Elasticsearch(options.var, programs=programs, zip_file=options.es_zip)
    if reason := server.obstacle():
        warn(without(reason))
        yield ""
        return
    started = False
    try:
        try:
            server.fetch(tell=warn)
            started = server.start()
        except Refusal as refusal:
            warn(without(str(refusal), AGAIN))
            yield ""
            return
        if not server.wait():
            warn(without(f"Elasticsearch 没有启动（{server.last_words()}）", AGAIN))
            yield ""
            return
        yield server.url
    finally:
        if started:
            server.stop()


def without(reason: str, cure: str = INSTALL) -> str:
    """Say that search does without Elasticsearch, why, and how to get it."""
    return f"{reason.rstrip('。')}，搜索改用 PostgreSQL 引擎。{cure}"


def check_databases(options: Options, warn: Callable[[str], None]) -> None:
    """Check the servers that the environment names."""
    check_database(options.database_url, "DATABASE_URL", warn)
    if options.database_web_url:
        check_database(options.database_web_url, "DATABASE_WEB_URL", warn)


def check_database(url: str, name: str, warn: Callable[[str], None]) -> None:
    """Refuse a server that does not answer or is too old; warn of one that is set up too small."""
    try:
        connection = psycopg2.connect(url, connect_timeout=10)
    except psycopg2.Error as error:
        raise Refusal(f"{name} 指定的 PostgreSQL 没有应答：{' '.join(str(error).split())}") from error
    with contextlib.closing(connection), connection.cursor() as cursor:
        if connection.server_version < OLDEST_POSTGRES:
            raise Refusal(
                f"{name} 指定的 PostgreSQL 太旧（{connection.server_version // 10_000}），需要 15 或更新版本。"
            )
        cursor.execute("SHOW max_locks_per_transaction")
        row = cursor.fetchone()
        if row and int(row[0]) < LOCKS_NEEDED:
            warn(f"PostgreSQL 的 max_locks_per_transaction 是 {row[0]}，应在 {LOCKS_NEEDED} 以上，否则备份会失败。")


def check_elasticsearch(url: str, warn: Callable[[str], None]) -> str:
    """Return the address; a cluster that is down only earns a warning, as search goes on without it."""
    if not url:
        warn(without("ELASTICSEARCH_URL 为空"))
        return ""
    # Loading the client takes a quarter of a second and 30 MB, which most starts do not need.
    from elasticsearch import ApiError, TransportError
    from elasticsearch import Elasticsearch as Client

    key = os.environ.get("ELASTICSEARCH_API_KEY") or None
    try:
        with contextlib.closing(Client(url, api_key=key, request_timeout=10, max_retries=0)) as client:
            client.cluster.health()
    except (ApiError, TransportError, ValueError) as error:
        warn(f"ELASTICSEARCH_URL 指定的 {url} 没有应答（{error}）；恢复之前搜索由 PostgreSQL 引擎承担。")
    return url
