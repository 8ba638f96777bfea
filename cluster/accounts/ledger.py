"""A trigger on the groups of every site's accounts: whoever is given a role stands in the ledger, whatever road it came by.

Named by settings.TRIGGER_CONTRIBUTIONS. The line says account and role; passwords lie in another table.
"""

from cluster.resources.contributions import Contribution, Guard

FUNCTION = """
CREATE OR REPLACE FUNCTION public.qz_role_given() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE site record; account text; role text;
BEGIN
    SELECT code, name INTO site FROM public.subsites_subsite WHERE schema_name = TG_TABLE_SCHEMA;
    -- A mould is no site.
    IF NOT FOUND THEN RETURN NULL; END IF;
    EXECUTE format('SELECT username FROM %I.accounts_user WHERE id = $1', TG_TABLE_SCHEMA) INTO account USING NEW.user_id;
    EXECUTE format('SELECT name FROM %I.auth_group WHERE id = $1', TG_TABLE_SCHEMA) INTO role USING NEW.group_id;
    PERFORM public.qz_write_ledger(site.code, 'site_changed', 'site', site.code, site.name, NULL, '',
        jsonb_build_object('account', account, 'role', role));
    RETURN NULL;
END $$;
"""


def contribute() -> Contribution:
    """Return the function and the trigger."""
    guard = Guard(
        table="accounts_user_groups", name="qz_role_given", function="qz_role_given", events=("INSERT", "UPDATE")
    )
    return Contribution(FUNCTION, (guard,))
