"""`make run`: check the machine, start every part, say where they answer, keep them alive until Ctrl-C.

Called by __main__. Elasticsearch and the static files are made ready beside the database; a context stack stops
whatever was started, in the order worker, web, Elasticsearch, PostgreSQL.
"""

import sys
import time
from contextlib import ExitStack
from functools import partial

from deploy.launcher import checks, console, processes, services, state, welcome
from deploy.launcher.elasticsearch import Elasticsearch
from deploy.launcher.environment import RECORDED, environment
from deploy.launcher.errors import Refusal, Stop
from deploy.launcher.options import REPO, Options
from deploy.launcher.parent import follow_parent
from deploy.launcher.parts import ElasticsearchPart, Part, PostgresPart, WebPart, WorkerPart
from deploy.launcher.postgres import OWNER, WEB, EmbeddedPostgres
from deploy.launcher.preparation import prepare
from deploy.launcher.search_engine import SearchStart
from deploy.launcher.supervisor import stopped_by_signals, wait_ready, watch

SETTINGS = "cluster.settings.dev"


def run(options: Options) -> int:
    """Serve in the foreground; return the exit code."""
    began = time.monotonic()
    follow_parent()
    checks.check_folder(options.var)
    checks.check_room(options.var, checks.room_needed(options.var))
    with state.lock(options.var) as held, stopped_by_signals(partial(announce_stopping, held)):
        try:
            with ExitStack() as stack:
                stack.callback(held.note, state.STOPPED)
                stop_leftovers(options)
                checks.check_port(options.host, options.port)
                parts = start(options, stack)
                welcome.show(options, time.monotonic() - began)
                watch(parts)
        except Stop:
            console.done("各部分都已停止")
    return 0


def announce_stopping(held: state.RunLock) -> None:
    """Say at the terminal and to a second `make run` that everything is being stopped."""
    held.note(state.STOPPING)
    console.say("正在停止各部分 …")


def stop_leftovers(options: Options) -> None:
    """Stop what a killed launcher left at work; its two servers are taken over as they are."""
    for name in ("worker", "web", "prepare", "fetch"):
        processes.stop(processes.strays(name, options.var), patience=10)


def start(options: Options, stack: ExitStack) -> list[Part]:
    """Start every part, wait until all answer and return those to be watched; the stack stops them."""
    env = environment(options, settings=SETTINGS)
    database = EmbeddedPostgres(options.var) if options.is_embedded else None
    if database is not None:
        stack.callback(database.stop)
    search = begin_search(options, stack)
    parts = start_database(options, database, env)
    prepare(options, env)
    if search is not None:
        env["ELASTICSEARCH_URL"] = search.address()
        parts += [ElasticsearchPart(search.server)] if env["ELASTICSEARCH_URL"] else []
    children = start_children(options, env, stack)
    for part in children:
        wait_ready(part)
    for part in parts:
        wait_ready_or_go_on(part)
    return parts + children


def begin_search(options: Options, stack: ExitStack) -> SearchStart | None:
    """Begin to start our own Elasticsearch, the slowest part, before all others; or check the given one."""
    if options.elasticsearch_url is not None:
        services.check_elasticsearch(options.elasticsearch_url, console.warn)
        return None
    search = SearchStart(Elasticsearch(options.var, zip_file=options.es_zip))
    stack.callback(search.stop)
    search.begin()
    return search


def start_database(options: Options, server: EmbeddedPostgres | None, env: dict[str, str]) -> list[Part]:
    """Start the embedded PostgreSQL, or check the given one; note the addresses for the other parts."""
    if server is None:
        services.check_databases(options, console.warn)
        return []
    with console.step("PostgreSQL"):
        server.start()
    env |= {"DATABASE_URL": server.url(OWNER), "DATABASE_WEB_URL": server.url(WEB)}
    return [PostgresPart(server)]


def wait_ready_or_go_on(part: Part) -> None:
    """Wait for a server; the sites do without Elasticsearch while the supervisor goes on trying to start it."""
    try:
        wait_ready(part)
    except Refusal as refusal:
        if not isinstance(part, ElasticsearchPart):
            raise
        console.warn(f"{refusal}\n搜索暂由 PostgreSQL 引擎承担。")


def start_children(options: Options, env: dict[str, str], stack: ExitStack) -> list[Part]:
    """Start gunicorn and the worker, and record their environment for `make manage`."""
    state.write_run(options.var, {name: env[name] for name in RECORDED if env.get(name)})
    stack.callback(state.forget_run, options.var)
    gunicorn = ["-m", "gunicorn", "--config", str(REPO / "deploy" / "gunicorn.conf.py"), "cluster.wsgi:application"]
    bind = f"[{options.host}]:{options.port}" if ":" in options.host else f"{options.host}:{options.port}"
    web = WebPart(
        [sys.executable, *gunicorn],
        var=options.var,
        env=env | {"QUNZHAN_ROLE": "web", "QUNZHAN_BIND": bind},
        address=(reachable(options.host), options.port),
    )
    worker = WorkerPart([sys.executable, str(REPO / "manage.py"), "worker"], var=options.var, env=env)
    children: list[Part] = [web, worker]
    for part in children:
        stack.callback(part.stop)
        part.start()
    return children


def reachable(host: str) -> str:
    """Return the address under which this machine reaches a server that listens on the host."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  compared, not bound
