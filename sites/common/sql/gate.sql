-- The publish gate's last word, in the database: checked at the commit of whatever transaction, by whatever role.
-- Contributed to every site's schema by sites.common.gate.triggers; {columns} is the app of columns and home pages, whose
-- structure has locks of its own. Moulds have no readers, so nothing is asked there.

CREATE OR REPLACE FUNCTION public.qz_demand_pass() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE found_title text;
BEGIN
    IF NOT NEW.live OR TG_TABLE_SCHEMA LIKE 'base\_%' THEN RETURN NULL; END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.live AND (NEW.live_revision_id, NEW.content_type_id) IS NOT DISTINCT FROM (OLD.live_revision_id, OLD.content_type_id)
        THEN RETURN NULL; END IF;
    END IF;
    -- The row as it is now, at the commit: a page that was taken back meanwhile needs nothing.
    EXECUTE format($q$
        SELECT p.title FROM %1$I.wagtailcore_page p JOIN %1$I.django_content_type t ON t.id = p.content_type_id
        WHERE p.id = $1 AND p.live AND t.app_label NOT IN ('{columns}', 'wagtailcore') AND NOT EXISTS (
            SELECT FROM %1$I.common_gatepass g WHERE g.page_id = p.id AND g.purpose = 'live' AND g.xid = $2
                AND g.at = transaction_timestamp() AND g.revision_id IS NOT DISTINCT FROM p.live_revision_id)$q$, TG_TABLE_SCHEMA)
        INTO found_title USING NEW.id, pg_current_xact_id()::text::bigint;
    IF found_title IS NOT NULL THEN
        RAISE EXCEPTION '“%”没有经过发布检查，不能上线：请在后台或用 save()、publish() 发布，不要直接改数据库', found_title
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

-- Who wrote a proof, when and in which transaction, is not the writer's choice: what a role wrote that owns no table (the web's)
-- is judged once more by the worker.
CREATE OR REPLACE FUNCTION public.qz_stamp_pass() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    NEW.xid := pg_current_xact_id()::text::bigint;
    NEW.at := transaction_timestamp();
    NEW.by_owner := pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE');
    RETURN NEW;
END $$;

-- A proof is written once.
CREATE OR REPLACE FUNCTION public.qz_keep_pass() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    RAISE EXCEPTION '发布检查记录只能追加，不能修改或删除' USING ERRCODE = 'insufficient_privilege';
END $$;

-- A reason for which warnings were overridden stands in the ledger, too.
CREATE OR REPLACE FUNCTION public.qz_pass_written() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE site_code text; page_title text;
BEGIN
    IF NEW.reason = '' THEN RETURN NULL; END IF;
    SELECT code INTO site_code FROM public.subsites_subsite WHERE schema_name = TG_TABLE_SCHEMA;
    EXECUTE format('SELECT title FROM %I.wagtailcore_page WHERE id = $1', TG_TABLE_SCHEMA) INTO page_title USING NEW.page_id;
    PERFORM public.qz_write_ledger(coalesce(site_code, ''), 'gate_override', 'page', NEW.page_id::text, coalesce(page_title, ''), NULL,
        NEW.content_hash, jsonb_build_object('column', NEW.column_code, 'purpose', NEW.purpose, 'given_reason', NEW.reason,
            'rules', (SELECT jsonb_agg(v->>'rule_id') FROM jsonb_array_elements(NEW.verdicts) v WHERE v->>'severity' = 'warning')));
    RETURN NULL;
END $$;

-- What was found about an item is settled by its passing, and by nothing else: the role of the web processes shows the pass.
CREATE OR REPLACE FUNCTION public.qz_settle_finding() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    owner_acts boolean := (SELECT pg_has_role(session_user, relowner, 'USAGE') FROM pg_class WHERE oid = TG_RELID);
    site_schema text;
    has_passed boolean;
BEGIN
    IF owner_acts THEN RETURN NEW; END IF;
    SELECT schema_name INTO site_schema FROM public.subsites_subsite WHERE id = NEW.site_id;
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.common_gatepass WHERE page_id = $1 AND purpose = ''live'' AND xid = $2)', site_schema)
        INTO has_passed USING NEW.page_id, pg_current_xact_id()::text::bigint;
    IF OLD.settled_at IS NOT NULL OR NEW.settled_at IS NULL OR NOT has_passed THEN
        RAISE EXCEPTION '发布检查发现只随信息通过发布检查而解决' USING ERRCODE = 'insufficient_privilege';
    END IF;
    NEW.settled_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER qz_settle BEFORE UPDATE ON public.findings_finding
    FOR EACH ROW EXECUTE FUNCTION public.qz_settle_finding();
