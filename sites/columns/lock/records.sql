-- The records of columns and home pages (cluster.inspection.mirror), which say how each stood on a day of the past: the role of
-- the web processes writes them with a change that it makes in a site, and tells no other story than the site's own tables.
-- Installed with the lock; repeatable. Worker and commands, which are the owner, are not asked.

CREATE OR REPLACE FUNCTION public.qz_record() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    owner_acts boolean := (SELECT pg_has_role(session_user, relowner, 'USAGE') FROM pg_class WHERE oid = TG_RELID);
    before timestamptz;
    is_so boolean := true;
BEGIN
    IF owner_acts THEN RETURN NEW; END IF;
    IF TG_OP = 'UPDATE' THEN
        -- An end is now and for ever.
        IF OLD.until IS NOT NULL THEN
            RAISE EXCEPTION '已经结束的栏目登记不能再改' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF NEW.until IS NOT NULL THEN NEW.until := clock_timestamp(); END IF;
        RETURN NEW;
    END IF;
    NEW.until := NULL;
    NEW.observed_at := clock_timestamp();
    -- It begins where the one before ended; the first one with its page, never in the future.
    EXECUTE format('SELECT max(until) FROM public.%I WHERE site_id = $1 AND page_id = $2', TG_TABLE_NAME)
        INTO before USING NEW.site_id, NEW.page_id;
    NEW.since := CASE WHEN before IS NULL THEN least(NEW.since, clock_timestamp())
                      WHEN before >= transaction_timestamp() THEN before ELSE clock_timestamp() END;
    IF TG_TABLE_NAME = 'inspection_columnrecord' THEN is_so := public.qz_column_is(to_jsonb(NEW)); END IF;
    IF NOT coalesce(is_so, false) THEN
        RAISE EXCEPTION '栏目登记与站点中的栏目不符' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- Whether a record says of a column what the site's tables say.
CREATE OR REPLACE FUNCTION public.qz_column_is(record jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE site_schema text; is_so boolean;
BEGIN
    SELECT schema_name INTO site_schema FROM public.subsites_subsite WHERE id = (record->>'site_id')::bigint;
    EXECUTE format($q$
        SELECT (c.code, p.title, c.column_class, c.planted) = ($1->>'code', $1->>'name', $1->>'column_class', ($1->>'planted')::boolean)
           AND ($1->>'live')::boolean = (p.live AND NOT p.expired AND EXISTS (
               SELECT FROM %1$I.wagtailcore_site s JOIN %1$I.wagtailcore_page root ON root.id = s.root_page_id
               WHERE s.is_default_site AND starts_with(p.path, root.path)))
        FROM %1$I.columns_columnpage c JOIN %1$I.wagtailcore_page p ON p.id = c.page_ptr_id WHERE p.id = $2$q$, site_schema)
        INTO is_so USING record, (record->>'page_id')::bigint;
    RETURN coalesce(is_so, false);
END $$;

-- At the commit: what stands has a record, so one that was ended has another in its place, or its page is gone.
CREATE OR REPLACE FUNCTION public.qz_record_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    owner_acts boolean := (SELECT pg_has_role(session_user, relowner, 'USAGE') FROM pg_class WHERE oid = TG_RELID);
    site_schema text;
    stands boolean;
    follows boolean;
BEGIN
    IF owner_acts OR NEW.until IS NULL THEN RETURN NULL; END IF;
    SELECT schema_name INTO site_schema FROM public.subsites_subsite WHERE id = NEW.site_id;
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.%I WHERE page_ptr_id = $1)', site_schema, TG_ARGV[0]) INTO stands USING NEW.page_id;
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I WHERE site_id = $1 AND page_id = $2 AND until IS NULL)', TG_TABLE_NAME)
        INTO follows USING NEW.site_id, NEW.page_id;
    IF stands AND NOT follows THEN
        RAISE EXCEPTION '栏目还在，它的登记不能结束' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER qz_record BEFORE INSERT OR UPDATE ON public.inspection_columnrecord
    FOR EACH ROW EXECUTE FUNCTION public.qz_record();
CREATE OR REPLACE TRIGGER qz_record BEFORE INSERT OR UPDATE ON public.inspection_homerecord
    FOR EACH ROW EXECUTE FUNCTION public.qz_record();
DROP TRIGGER IF EXISTS qz_record_follows ON public.inspection_columnrecord;
CREATE CONSTRAINT TRIGGER qz_record_follows AFTER UPDATE ON public.inspection_columnrecord DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.qz_record_follows('columns_columnpage');
DROP TRIGGER IF EXISTS qz_record_follows ON public.inspection_homerecord;
CREATE CONSTRAINT TRIGGER qz_record_follows AFTER UPDATE ON public.inspection_homerecord DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.qz_record_follows('columns_homepage');
