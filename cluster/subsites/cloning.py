"""Copy a schema inside the running transaction: tables, rows, keys, indexes, triggers and sequences.

Called by base_schemas.clone_schema. PostgreSQL's own catalog functions write the statements, and all of them go to the server
in one round trip: a general clone function looks at the whole catalog for each table, the slower the more sites there are.
"""

from cluster.postgresql import connection
from cluster.subsites.errors import UnknownInMould

# What the statements below do not copy; a migration that brings such a thing into the sites must teach them first.
_UNKNOWN = """
SELECT relname FROM pg_class
 WHERE relnamespace = to_regnamespace(%(source)s)
   AND (relkind NOT IN ('r', 'i', 'S', 't') OR reloptions IS NOT NULL OR relhasrules OR relrowsecurity OR relispartition)
UNION ALL
SELECT relname FROM pg_class c
 WHERE relnamespace = to_regnamespace(%(source)s) AND relkind = 'S'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'i')
UNION ALL
SELECT proname FROM pg_proc WHERE pronamespace = to_regnamespace(%(source)s)
UNION ALL
SELECT typname FROM pg_type WHERE typnamespace = to_regnamespace(%(source)s) AND typtype <> 'c' AND typcategory <> 'A'
"""

# One statement a row, in the order in which they must run: rows come before the keys that would be checked for each of them,
# and triggers last, so that none fires. LIKE brings the columns with their defaults, identities, NOT NULLs and checks.
_STATEMENTS = """
WITH names AS (SELECT quote_ident(%(source)s) AS source, quote_ident(%(target)s) AS target),
tables AS (
    SELECT c.oid, quote_ident(c.relname) AS name,
           (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
             WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns
      FROM pg_class c WHERE c.relnamespace = to_regnamespace(%(source)s) AND c.relkind = 'r'
),
constraints AS (
    SELECT t.oid, t.name, k.contype = 'f' AS is_foreign,
           string_agg(format('ADD CONSTRAINT %%I %%s', k.conname,
               replace(pg_get_constraintdef(k.oid), ' REFERENCES ' || source || '.', ' REFERENCES ' || target || '.')),
               ', ' ORDER BY k.conname) AS additions
      FROM tables t CROSS JOIN names JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype IN ('p', 'u', 'x', 'f')
     GROUP BY t.oid, t.name, k.contype = 'f'
),
sequences AS MATERIALIZED (
    SELECT c.oid, t.name, a.attname AS column_name
      FROM tables t JOIN pg_depend d ON d.refobjid = t.oid AND d.deptype = 'i'
           AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
      JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
      JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
)
SELECT statement FROM (
    SELECT 1 AS step, oid AS place, format('CREATE TABLE %%s.%%s (LIKE %%s.%%s INCLUDING ALL EXCLUDING INDEXES)',
           target, name, source, name) AS statement FROM tables CROSS JOIN names
    UNION ALL
    SELECT 2, oid, format('INSERT INTO %%1$s.%%2$s (%%3$s) OVERRIDING SYSTEM VALUE SELECT %%3$s FROM %%4$s.%%2$s',
           target, name, columns, source) FROM tables CROSS JOIN names
    UNION ALL
    SELECT 3, oid, format('ALTER TABLE %%s.%%s %%s', target, name, additions)
      FROM constraints CROSS JOIN names WHERE NOT is_foreign
    UNION ALL
    SELECT 4, i.indexrelid, replace(pg_get_indexdef(i.indexrelid), ' ON ' || source || '.', ' ON ' || target || '.')
      FROM tables t CROSS JOIN names JOIN pg_index i ON i.indrelid = t.oid
     WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
    UNION ALL
    SELECT 5, oid, format('ALTER TABLE %%s.%%s %%s', target, name, additions)
      FROM constraints CROSS JOIN names WHERE is_foreign
    UNION ALL
    SELECT 6, oid, format('SELECT setval(pg_get_serial_sequence(%%L, %%L), %%s)',
           target || '.' || name, column_name, pg_sequence_last_value(oid))
      FROM sequences CROSS JOIN names WHERE pg_sequence_last_value(oid) IS NOT NULL
    UNION ALL
    SELECT 7, g.oid, replace(pg_get_triggerdef(g.oid), ' ON ' || source || '.', ' ON ' || target || '.')
      FROM tables t CROSS JOIN names JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal
) AS statements ORDER BY step, place
"""


def copy_schema(source: str, target: str) -> None:
    """Make the target schema a copy of the source's; raises UnknownInMould where that has what is not copied."""
    names = {"source": source, "target": target}
    with connection.cursor() as cursor:
        cursor.execute(_UNKNOWN, names)
        if unknown := [row[0] for row in cursor.fetchall()]:
            raise UnknownInMould(f"模式 {source} 中有不能复制的对象：{'、'.join(unknown)}。")
        cursor.execute(_STATEMENTS, names)
        statements = [row[0] for row in cursor.fetchall()]
        cursor.execute(";\n".join([f"CREATE SCHEMA {connection.ops.quote_name(target)}", *statements]))
