"""Triggers on the documents of every site: no row bears an index number that is another document's.

Named by settings.TRIGGER_CONTRIBUTIONS. Pages claim their numbers when they go live (cluster.resources.index_numbers); what
comes by SQL or `QuerySet.update()` is refused here, for every role.
"""

from cluster.resources.contributions import Contribution, Guard

FUNCTIONS = """
CREATE OR REPLACE FUNCTION public.qz_guard_index_number() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    me record;
    owner uuid;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.index_number = OLD.index_number THEN RETURN NEW; END IF;
    IF NEW.index_number = '' AND TG_OP = 'INSERT' THEN RETURN NEW; END IF;
    EXECUTE format('SELECT translation_key, live FROM %I.wagtailcore_page WHERE id = $1', TG_TABLE_SCHEMA)
        INTO me USING NEW.page_ptr_id;
    -- A backup is read in table by table: where the page is not there yet, its number was checked when it was given.
    IF me.translation_key IS NULL THEN RETURN NEW; END IF;
    IF NEW.index_number = '' THEN
        IF me.live THEN
            RAISE EXCEPTION '已发布的文件不能去掉索引号“%”：请先在后台撤回，或者换成另一个没有用过的索引号', OLD.index_number
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    SELECT document INTO owner FROM public.resources_indexnumber WHERE number = NEW.index_number;
    -- A draft may wait with a number that nobody has; published, it must have claimed it.
    IF owner IS DISTINCT FROM me.translation_key AND (owner IS NOT NULL OR me.live) THEN
        RAISE EXCEPTION '索引号“%”不是这份文件的：索引号全省唯一，用过不再用，请在后台编辑文件时填写', NEW.index_number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- By its key a document owns its number: whoever could take the key of another would have its number, too.
CREATE OR REPLACE FUNCTION public.qz_guard_document_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE number text;
BEGIN
    IF NEW.translation_key = OLD.translation_key THEN RETURN NEW; END IF;
    SELECT i.number INTO number FROM public.resources_indexnumber i
        WHERE i.document IN (OLD.translation_key, NEW.translation_key) LIMIT 1;
    IF number IS NOT NULL THEN
        RAISE EXCEPTION '文件的内部编号（translation_key）不能改：索引号“%”凭它认定属于哪份文件', number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""


def contribute() -> Contribution:
    """Return the functions and the triggers."""
    number = Guard(
        table="content_policydocumentpage",
        name="qz_index_number",
        function="qz_guard_index_number",
        events=("INSERT", "UPDATE"),
        before=True,
    )
    key = Guard("wagtailcore_page", "qz_document_key", "qz_guard_document_key", ("UPDATE",), before=True)
    return Contribution(FUNCTIONS, (number, key))
