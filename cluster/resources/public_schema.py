"""What `public` has of ours, functions and the triggers on shared tables, beside what was installed there; and who may call it.

Noted by `triggers.install_functions`, asked by the nightly check (cluster.column_templates.guarding): an owner may replace a
function, switch a trigger off, or let a role call what is nobody's.
"""

import re
from dataclasses import dataclass

from django.db import connection

from cluster.resources.strangers import Known

# The one function of ours that another role than the owner may call: a server takes the events that wait for itself.
OPEN_TO_WEB = "qz_edge_take"

# Fields and not the server's own wording, which depends on the search path and on the version of the server.
STANDING = """
SELECT (SELECT md5(string_agg(concat_ws('|', p.proname, p.pronargs, p.prosrc, l.lanname, p.prosecdef, p.provolatile, p.proconfig,
                                        pg_get_userbyid(p.proowner)), ',' ORDER BY p.proname COLLATE "C", p.pronargs, p.prosrc))
        FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
        WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'qz\\_%'),
       (SELECT md5(string_agg(concat_ws('|', c.relname, t.tgname, p.pronamespace::regnamespace, p.proname, t.tgenabled, t.tgtype,
                                        t.tgqual IS NOT NULL,
                                        t.tgdeferrable, t.tginitdeferred, encode(t.tgargs, 'hex'), t.tgoldtable, t.tgnewtable,
                                        (SELECT string_agg(a.attname, '+' ORDER BY a.attnum) FROM pg_attribute a
                                         WHERE a.attrelid = c.oid AND a.attnum = ANY(t.tgattr))),
                              ',' ORDER BY c.relname COLLATE "C", t.tgname COLLATE "C"))
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE c.relnamespace = 'public'::regnamespace AND t.tgname LIKE 'qz\\_%' AND NOT t.tgisinternal),
       coalesce(obj_description(to_regprocedure('public.qz_refuse()')::oid, 'pg_proc'), '')
"""
_CALLERS = """
FROM pg_proc p CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'qz\\_%' AND a.grantee <> p.proowner
"""
# They run with the owner's rights, so nobody else may call one or hang it on a table of his own (a temporary one, say).
KEPT_FROM_OTHERS = f"""
DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT DISTINCT p.oid::regprocedure AS name, a.grantee {_CALLERS}
               AND (a.grantee = 0 OR p.proname <> '{OPEN_TO_WEB}')
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE', one.name,
                       CASE one.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(one.grantee)) END);
    END LOOP;
END $$;
"""
_NAMED = re.compile(r"\b(CONSTRAINT )?TRIGGER (qz_\w+)\s[^;]*?\bON public\.(\w+)")


@dataclass(frozen=True, slots=True)
class Standing:
    """Digests of what the database has, whoever wrote it, and the note of what was installed last."""

    functions: str
    triggers: str
    noted: str

    @property
    def note(self) -> str:
        """What an installation writes down."""
        return f"{self.functions} {self.triggers}"


def _standing() -> Standing:
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        return Standing(*cursor.fetchone())


def note_installed() -> None:
    """Write down what stands there now, as the comment of one function."""
    with connection.cursor() as cursor:
        cursor.execute("COMMENT ON FUNCTION public.qz_refuse() IS %s", [_standing().note])


def functions_are_ours() -> bool:
    """Whether the functions are those that were installed last."""
    now = _standing()
    return now.functions == now.noted.partition(" ")[0]


def triggers_are_ours() -> bool:
    """Whether the triggers on shared tables are those that were installed last, all enabled."""
    now = _standing()
    return now.triggers == now.noted.partition(" ")[2]


def strange_callers(web_role: str) -> list[str]:
    """Return each function of ours that a role may call beside its owner, with that role; what is meant so is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT DISTINCT p.proname || ' → ' || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END
                {_CALLERS.replace("%", "%%")}
                AND NOT (p.proname = %s AND a.grantee <> 0 AND pg_get_userbyid(a.grantee) = %s) ORDER BY 1""",
            [OPEN_TO_WEB, web_role],
        )
        return [row[0] for row in cursor.fetchall()]


def named_triggers(functions_sql: str) -> set[Known]:
    """Return the triggers on shared tables that this SQL makes."""
    return {Known(table, name, bool(fixed)) for fixed, name, table in _NAMED.findall(functions_sql)}
