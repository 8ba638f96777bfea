-- Functions and triggers of the registry, the feed and the ledger, in the public schema.
-- Installed by cluster.resources.triggers after every migration of `public`; repeatable.
-- The functions run with the owner's rights: the web role cannot write marks, changes or ledger lines by itself.

CREATE SEQUENCE IF NOT EXISTS public.qz_version_seq;

-- ---- marks: something in a site's schema changed -------------------------------------------------------------

CREATE OR REPLACE FUNCTION public.qz_put_mark(in_schema text, in_scope text, in_object bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    -- Base schemas are moulds without readers.
    IF in_schema LIKE 'base\_%' OR in_object IS NULL THEN RETURN; END IF;
    INSERT INTO public.resources_mark (schema_name, scope, object_id) VALUES (in_schema, in_scope, in_object);
    PERFORM public.qz_edge_marked(in_schema, in_scope, in_object);
    PERFORM pg_notify('qunzhan_feed', '');
END $$;

-- A new page: no stored page shows it yet, so that an import tells the stores of its columns alone.
CREATE OR REPLACE FUNCTION public.qz_put_new(in_schema text, in_page bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF in_schema LIKE 'base\_%' THEN RETURN; END IF;
    INSERT INTO public.resources_mark (schema_name, scope, object_id) VALUES (in_schema, 'page', in_page);
    PERFORM pg_notify('qunzhan_feed', '');
END $$;

-- wagtailcore_page: every column that decides on visibility, address or title; drafts of unpublished pages are quiet.
CREATE OR REPLACE FUNCTION public.qz_mark_core() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM public.qz_put_mark(TG_TABLE_SCHEMA, 'page', OLD.id);
    ELSIF TG_OP = 'INSERT' THEN
        IF NEW.live THEN PERFORM public.qz_put_new(TG_TABLE_SCHEMA, NEW.id); END IF;
    ELSIF NEW.id IS DISTINCT FROM OLD.id THEN
        PERFORM public.qz_put_mark(TG_TABLE_SCHEMA, 'site', 0);
    ELSIF (NEW.title, NEW.slug, NEW.path, NEW.url_path, NEW.depth) IS DISTINCT FROM (OLD.title, OLD.slug, OLD.path, OLD.url_path, OLD.depth)
          AND NEW.numchild > 0 THEN
        PERFORM public.qz_put_mark(TG_TABLE_SCHEMA, 'subtree', NEW.id);
    ELSIF (OLD.live OR NEW.live) AND (
            NEW.title, NEW.slug, NEW.path, NEW.url_path, NEW.live, NEW.expired, NEW.first_published_at, NEW.last_published_at,
            NEW.content_type_id, NEW.search_description, NEW.alias_of_id, NEW.locale_id
        ) IS DISTINCT FROM (
            OLD.title, OLD.slug, OLD.path, OLD.url_path, OLD.live, OLD.expired, OLD.first_published_at, OLD.last_published_at,
            OLD.content_type_id, OLD.search_description, OLD.alias_of_id, OLD.locale_id
        ) THEN
        PERFORM public.qz_put_mark(TG_TABLE_SCHEMA, 'page', NEW.id);
        -- A mirror is as restricted as its original, wherever that is moved.
        IF NEW.path <> OLD.path THEN
            EXECUTE format('SELECT public.qz_put_mark($1, ''page'', id) FROM %I.wagtailcore_page WHERE alias_of_id = $2', TG_TABLE_SCHEMA)
                USING TG_TABLE_SCHEMA, NEW.id;
        END IF;
    END IF;
    RETURN NULL;
END $$;

-- The documents in the collections at and below a place of the tree: all that hangs on whether they are private.
CREATE OR REPLACE FUNCTION public.qz_mark_documents(in_schema text, in_path text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE documents bigint[];
BEGIN
    IF in_schema LIKE 'base\_%' THEN RETURN; END IF;
    EXECUTE format('SELECT array_agg(d.id) FROM %1$I.wagtailcore_collection c
                         JOIN %1$I.wagtaildocs_document d ON d.collection_id = c.id
                    WHERE c.path LIKE $1 || ''%%''', in_schema) INTO documents USING in_path;
    IF documents IS NULL THEN RETURN; END IF;
    INSERT INTO public.resources_mark (schema_name, scope, object_id) SELECT in_schema, 'document', unnest(documents);
    PERFORM public.qz_edge_put(
        (SELECT array_agg(format('document:%s:%s', in_schema, id)) FROM unnest(documents) AS id), NULL, false);
    PERFORM pg_notify('qunzhan_feed', '');
END $$;

-- wagtailcore_collection: its place in the tree decides whether its documents are private; a new or renamed one is quiet.
CREATE OR REPLACE FUNCTION public.qz_mark_collection() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN RETURN NULL; END IF;
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.path) IS NOT DISTINCT FROM (OLD.id, OLD.path) THEN RETURN NULL; END IF;
        PERFORM public.qz_mark_documents(TG_TABLE_SCHEMA, NEW.path);
    END IF;
    -- What SQL left below the old place has lost the restrictions above it.
    PERFORM public.qz_mark_documents(TG_TABLE_SCHEMA, OLD.path);
    RETURN NULL;
END $$;

-- wagtailcore_collectionviewrestriction: a new one, another collection for it, or its end.
CREATE OR REPLACE FUNCTION public.qz_mark_collection_restriction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE collections bigint[]; place text;
BEGIN
    IF TG_OP <> 'INSERT' THEN collections := collections || OLD.collection_id::bigint; END IF;
    IF TG_OP <> 'DELETE' THEN collections := collections || NEW.collection_id::bigint; END IF;
    FOR place IN EXECUTE format('SELECT path FROM %I.wagtailcore_collection WHERE id = ANY($1)', TG_TABLE_SCHEMA)
            USING collections LOOP
        PERFORM public.qz_mark_documents(TG_TABLE_SCHEMA, place);
    END LOOP;
    RETURN NULL;
END $$;

-- TRUNCATE of any table the registry depends on: look at the whole site again.
CREATE OR REPLACE FUNCTION public.qz_mark_site() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM public.qz_put_mark(TG_TABLE_SCHEMA, 'site', 0);
    RETURN NULL;
END $$;

-- ---- the registry --------------------------------------------------------------------------------------------

-- What an item says, however it is spaced; by its files where it has no text, NULL where there is nothing to compare.
CREATE OR REPLACE FUNCTION public.qz_content_digest(item public.resources_resource) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT CASE
        WHEN btrim(item.text, E' \t\n\r\u3000') <> '' THEN md5(translate(item.title || item.text, E' \t\n\r\u3000', ''))
        WHEN cardinality(item.document_ids) + cardinality(item.image_ids) > 0 THEN
            md5(item.title || item.document_ids::text || item.image_ids::text)
    END
$$;

-- A text without what makes an old one look new: the day that it ends with, document numbers, and where it has one of those, every
-- day that is written with its year. Months, spells without a year and all other figures stay: the list of another month is another.
CREATE OR REPLACE FUNCTION public.qz_folded(said text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT CASE WHEN unnumbered = undated THEN undated ELSE regexp_replace(unnumbered, day, '日', 'g') END
    FROM CAST('((19|20)\d\d[年./-](0?[1-9]|1[0-2])[月./-](3[01]|[12]\d|0?[1-9])日?'
              '|[一二][〇零○一二三四五六七八九]{3}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日)' AS text) AS day,
         regexp_replace(said, day || '([（(][^（）()]{0,20}[）)])?[。.]*$', '日') AS undated,
         regexp_replace(undated, '[〔\[［(（【](19|20)\d\d[〕\]］)）】]第?\d{1,5}号|(19|20)\d\d年第\d{1,5}号|(令|公告|通告)第?\d{1,5}号',
                        '号', 'g') AS unnumbered
$$;

-- A text as it stands, with its files. NULL for what is so short that others say the same. Blanks that nobody sees make no other text.
CREATE OR REPLACE FUNCTION public.qz_exact_digest(item public.resources_resource) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT CASE WHEN length(said) >= 50 THEN md5(said || item.document_ids::text || item.image_ids::text) END
    FROM translate(item.text, E' \t\n\r\u00a0\u200b\u3000\ufeff', '') AS said
$$;

-- The text alone, with its files: who copies an old item under another title, number or day has nothing new to say.
CREATE OR REPLACE FUNCTION public.qz_text_digest(item public.resources_resource) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public AS $$
    SELECT CASE WHEN length(folded) >= 50 THEN md5(folded || item.document_ids::text || item.image_ids::text)
                ELSE public.qz_exact_digest(item) END
    FROM public.qz_folded(translate(item.text, E' \t\n\r\u00a0\u200b\u3000\ufeff', '')) AS folded
$$;

-- When the page was first published, or another of the site that said the same: the ledger remembers it past every deletion.
-- Each lookup can use one index alone, and no scan: a plan that was made while the ledger was empty stays good when it is full.
CREATE OR REPLACE FUNCTION public.qz_first_publication(item public.resources_resource) RETURNS timestamptz
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public SET enable_seqscan = off AS $$
DECLARE
    code text := (SELECT s.code FROM public.subsites_subsite s WHERE s.id = item.site_id);
    digest text := public.qz_content_digest(item);
    text_digest text := public.qz_text_digest(item);
    exact_digest text := public.qz_exact_digest(item);
BEGIN
    RETURN least(
        (SELECT min((l.detail->>'first')::timestamptz) FROM public.audit_ledgerentry l
         WHERE l.detail->>'page' = code || ':' || item.page_id),
        (SELECT min((l.detail->>'first')::timestamptz) FROM public.audit_ledgerentry l
         WHERE l.detail->>'digest' = code || ':' || digest),
        (SELECT min((l.detail->>'first')::timestamptz) FROM public.audit_ledgerentry l
         WHERE l.detail->>'text' = code || ':' || text_digest),
        -- Lines from before numbers and days were left out.
        (SELECT min((l.detail->>'first')::timestamptz) FROM public.audit_ledgerentry l
         WHERE l.detail->>'text' = code || ':' || exact_digest));
END $$;

CREATE OR REPLACE FUNCTION public.qz_resource_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    -- The first publication is what it was, whoever changes dates later, deletes and makes anew, or copies; and nobody
    -- publishes in the future.
    IF TG_OP = 'UPDATE' THEN
        NEW.first_published_at := OLD.first_published_at;
    ELSE
        NEW.first_published_at := least(NEW.first_published_at, clock_timestamp(), public.qz_first_publication(NEW));
    END IF;
    -- The version is never the writer's choice: it grows whenever the row differs.
    IF TG_OP = 'UPDATE' THEN
        NEW.version := OLD.version;
        NEW.updated_at := OLD.updated_at;
        IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
    END IF;
    NEW.version := nextval('public.qz_version_seq');
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION public.qz_actor() RETURNS jsonb LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT coalesce(
        nullif(current_setting('qunzhan.actor', true), '')::jsonb,
        jsonb_build_object('name', '数据库用户 ' || session_user, 'person', '', 'site', '', 'reason', ''))
$$;

CREATE OR REPLACE FUNCTION public.qz_write_ledger(
    in_site text, in_action text, in_type text, in_subject text, in_title text, in_version bigint, in_hash text, in_detail jsonb
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE who jsonb := public.qz_actor();
BEGIN
    INSERT INTO public.audit_ledgerentry (at, site_code, action, subject_type, subject_id, title, version, content_hash, actor, reason, detail)
    VALUES (clock_timestamp(), in_site, in_action, in_type, in_subject, in_title, in_version, in_hash, who - 'reason',
            coalesce(who->>'reason', ''), in_detail);
END $$;

CREATE OR REPLACE FUNCTION public.qz_resource_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    code text;
    act text;
    the_id uuid;
    the_version bigint;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.version = OLD.version THEN RETURN NULL; END IF;
    IF TG_OP = 'DELETE' THEN
        the_id := OLD.id; the_version := nextval('public.qz_version_seq'); act := 'erase';
    ELSE
        the_id := NEW.id; the_version := NEW.version;
        IF TG_OP = 'INSERT' THEN act := CASE WHEN NEW.state = 'published' THEN 'publish' END;
        ELSIF NEW.state <> OLD.state THEN act := CASE WHEN NEW.state = 'published' THEN 'publish' ELSE 'withdraw' END;
        ELSIF NEW.content_hash <> OLD.content_hash THEN act := 'revise';
        END IF;
    END IF;
    INSERT INTO public.resources_change (consumer, resource_id, version)
        SELECT name, the_id, the_version FROM public.resources_consumer WHERE active;
    PERFORM pg_notify('qunzhan_feed', '');
    IF act IS NOT NULL THEN
        IF TG_OP = 'DELETE' THEN
            SELECT s.code INTO code FROM public.subsites_subsite s WHERE s.id = OLD.site_id;
            PERFORM public.qz_write_ledger(coalesce(code, ''), act, 'resource', OLD.id::text, OLD.title, the_version, OLD.content_hash,
                jsonb_build_object('path', OLD.path, 'column', OLD.column_code));
        ELSE
            SELECT s.code INTO code FROM public.subsites_subsite s WHERE s.id = NEW.site_id;
            PERFORM public.qz_write_ledger(coalesce(code, ''), act, 'resource', NEW.id::text, NEW.title, the_version, NEW.content_hash,
                jsonb_build_object('path', NEW.path, 'column', NEW.column_code, 'first', NEW.first_published_at,
                    'page', code || ':' || NEW.page_id, 'digest', code || ':' || public.qz_content_digest(NEW),
                    'text', code || ':' || public.qz_text_digest(NEW)));
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION public.qz_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE TRIGGER qz_version BEFORE INSERT OR UPDATE ON public.resources_resource
    FOR EACH ROW EXECUTE FUNCTION public.qz_resource_version();
CREATE OR REPLACE TRIGGER qz_changed AFTER INSERT OR UPDATE OR DELETE ON public.resources_resource
    FOR EACH ROW EXECUTE FUNCTION public.qz_resource_changed();
CREATE OR REPLACE TRIGGER qz_truncate BEFORE TRUNCATE ON public.resources_resource
    FOR EACH STATEMENT EXECUTE FUNCTION public.qz_refuse('信息资源库不能整表清空：请撤回或删除具体的信息');

-- ---- links between items and index numbers ---------------------------------------------------------------------

-- What is said of a page elsewhere stands in its own row, too (its validity): look at it again.
CREATE OR REPLACE FUNCTION public.qz_link_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE link public.resources_resourcelink; target text;
BEGIN
    IF TG_OP = 'DELETE' THEN link := OLD; ELSE link := NEW; END IF;
    SELECT schema_name INTO target FROM public.subsites_subsite WHERE id = link.target_site_id;
    IF FOUND THEN PERFORM public.qz_put_mark(target, 'page', link.target_page_id); END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER qz_link AFTER INSERT OR UPDATE OR DELETE ON public.resources_resourcelink
    FOR EACH ROW EXECUTE FUNCTION public.qz_link_changed();
CREATE OR REPLACE TRIGGER qz_append_only BEFORE UPDATE OR DELETE ON public.resources_indexnumber
    FOR EACH ROW EXECUTE FUNCTION public.qz_refuse('索引号一经取用不能修改、删除或再用');
CREATE OR REPLACE TRIGGER qz_no_truncate BEFORE TRUNCATE ON public.resources_indexnumber
    FOR EACH STATEMENT EXECUTE FUNCTION public.qz_refuse('索引号一经取用不能修改、删除或再用');

-- ---- inspection: a site whose items changed is looked at again ---------------------------------------------------

CREATE OR REPLACE FUNCTION public.qz_ask_inspection() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO public.inspection_inspectionrequest (site_id) SELECT DISTINCT site_id FROM changed;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER qz_inspect_insert AFTER INSERT ON public.resources_resource
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.qz_ask_inspection();
CREATE OR REPLACE TRIGGER qz_inspect_update AFTER UPDATE ON public.resources_resource
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.qz_ask_inspection();
CREATE OR REPLACE TRIGGER qz_inspect_delete AFTER DELETE ON public.resources_resource
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.qz_ask_inspection();
CREATE OR REPLACE TRIGGER qz_inspect_insert AFTER INSERT ON public.column_templates_waiver
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.qz_ask_inspection();
CREATE OR REPLACE TRIGGER qz_inspect_update AFTER UPDATE ON public.column_templates_waiver
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.qz_ask_inspection();

-- Another law or another calendar changes the state of columns everywhere.
CREATE OR REPLACE FUNCTION public.qz_ask_inspection_of_all() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO public.inspection_inspectionrequest (site_id) VALUES (NULL);
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER qz_inspect AFTER UPDATE OF state ON public.column_templates_templateversion
    FOR EACH STATEMENT EXECUTE FUNCTION public.qz_ask_inspection_of_all();
CREATE OR REPLACE TRIGGER qz_inspect AFTER INSERT OR UPDATE ON public.workdays_holidaynotice
    FOR EACH STATEMENT EXECUTE FUNCTION public.qz_ask_inspection_of_all();

-- ---- duties: who answered for a column, and until when ------------------------------------------------------------

-- On every road, SQL too: nobody's choice is the moment, and the role of the web processes writes no record itself.
CREATE OR REPLACE FUNCTION public.qz_duty_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE moment timestamptz := clock_timestamp();
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        UPDATE public.inspection_dutyrecord SET until = moment WHERE until IS NULL AND column_code <> '';
        RETURN NULL;
    ELSIF TG_OP = 'UPDATE' THEN
        IF (NEW.site_id, NEW.column_code, NEW.unit, NEW.officer, NEW.officer_name, NEW.reviewer, NEW.reviewer_name)
           IS NOT DISTINCT FROM
           (OLD.site_id, OLD.column_code, OLD.unit, OLD.officer, OLD.officer_name, OLD.reviewer, OLD.reviewer_name)
        THEN RETURN NULL; END IF;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        UPDATE public.inspection_dutyrecord SET until = moment
        WHERE site_id = OLD.site_id AND column_code = OLD.column_code AND until IS NULL;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO public.inspection_dutyrecord
            (site_id, column_code, unit, officer, officer_name, reviewer, reviewer_name, since)
        VALUES (NEW.site_id, NEW.column_code, NEW.unit, NEW.officer, NEW.officer_name, NEW.reviewer, NEW.reviewer_name, moment);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER qz_record AFTER INSERT OR UPDATE OR DELETE ON public.inspection_columnduty
    FOR EACH ROW EXECUTE FUNCTION public.qz_duty_changed();
CREATE OR REPLACE TRIGGER qz_record_truncate AFTER TRUNCATE ON public.inspection_columnduty
    FOR EACH STATEMENT EXECUTE FUNCTION public.qz_duty_changed();

-- ---- the ledger ----------------------------------------------------------------------------------------------

CREATE OR REPLACE TRIGGER qz_append_only BEFORE UPDATE OR DELETE ON public.audit_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION public.qz_refuse('台账只能追加，不能修改或删除');
CREATE OR REPLACE TRIGGER qz_no_truncate BEFORE TRUNCATE ON public.audit_ledgerentry
    FOR EACH STATEMENT EXECUTE FUNCTION public.qz_refuse('台账只能追加，不能清空');

-- ---- the directory of sites ----------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION public.qz_site_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE before jsonb; after jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM public.qz_write_ledger(OLD.code, 'site_removed', 'site', OLD.code, OLD.name, NULL, '', jsonb_build_object('state', OLD.state));
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        PERFORM public.qz_write_ledger(NEW.code, 'site_registered', 'site', NEW.code, NEW.name, NULL, '',
            jsonb_build_object('state', NEW.state, 'kind', NEW.kind));
        RETURN NULL;
    END IF;
    IF NEW.state <> OLD.state THEN
        PERFORM public.qz_write_ledger(NEW.code, 'site_state', 'site', NEW.code, NEW.name, NULL, '',
            jsonb_build_object('from', OLD.state, 'to', NEW.state, 'note', NEW.state_reason));
    END IF;
    before := to_jsonb(OLD) - '{state,state_changed_at,state_reason,opened_at,closed_at}'::text[];
    after := to_jsonb(NEW) - '{state,state_changed_at,state_reason,opened_at,closed_at}'::text[];
    IF before <> after THEN
        PERFORM public.qz_write_ledger(NEW.code, 'site_changed', 'site', NEW.code, NEW.name, NULL, '',
            (SELECT jsonb_object_agg(a.key, jsonb_build_array(before->a.key, a.value)) FROM jsonb_each(after) a WHERE before->a.key IS DISTINCT FROM a.value));
    END IF;
    IF NEW.state <> OLD.state OR before <> after THEN
        INSERT INTO public.inspection_inspectionrequest (site_id) VALUES (NEW.id);
        PERFORM public.qz_put_mark(NEW.schema_name, 'site', 0);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION public.qz_domain_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE r record; row_now public.subsites_domain; act text := lower(TG_OP);
BEGIN
    IF TG_OP = 'DELETE' THEN row_now := OLD; ELSE row_now := NEW; END IF;
    SELECT code, name, schema_name INTO r FROM public.subsites_subsite WHERE id = row_now.tenant_id;
    IF FOUND THEN
        PERFORM public.qz_write_ledger(r.code, 'site_changed', 'site', r.code, r.name, NULL, '',
            jsonb_build_object('domain', row_now.domain, 'change', act, 'primary', row_now.is_primary));
        PERFORM public.qz_put_mark(r.schema_name, 'site', 0);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER qz_site AFTER INSERT OR UPDATE OR DELETE ON public.subsites_subsite
    FOR EACH ROW EXECUTE FUNCTION public.qz_site_changed();
CREATE OR REPLACE TRIGGER qz_domain AFTER INSERT OR UPDATE OR DELETE ON public.subsites_domain
    FOR EACH ROW EXECUTE FUNCTION public.qz_domain_changed();

-- ---- holiday notices: never altered, only withdrawn; each step is a line of the ledger ---------------------------

CREATE OR REPLACE FUNCTION public.qz_holiday_notice() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '节假日通知不能删除，只能撤销' USING ERRCODE = 'insufficient_privilege';
    ELSIF TG_OP = 'INSERT' THEN
        -- The moment is never the writer's choice: days of the past are counted as they were known then.
        NEW.entered_at := clock_timestamp();
        NEW.withdrawn_at := NULL;
        PERFORM public.qz_write_ledger('', 'holidays_entered', 'holidays', NEW.number, NEW.title, NULL, '',
            jsonb_build_object('year', NEW.year, 'whole_year', NEW.whole_year, 'days_off', NEW.days_off,
                               'working_weekends', NEW.working_weekends));
    ELSIF OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL
          OR to_jsonb(NEW) - '{withdrawn_at,withdrawal_reason}'::text[] <> to_jsonb(OLD) - '{withdrawn_at,withdrawal_reason}'::text[] THEN
        RAISE EXCEPTION '节假日通知录入后不能修改：请撤销后重新录入' USING ERRCODE = 'insufficient_privilege';
    ELSE
        NEW.withdrawn_at := clock_timestamp();
        PERFORM public.qz_write_ledger('', 'holidays_withdrawn', 'holidays', NEW.number, NEW.title, NULL, '',
            jsonb_build_object('year', NEW.year, 'note', NEW.withdrawal_reason));
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER qz_notice BEFORE INSERT OR UPDATE OR DELETE ON public.workdays_holidaynotice
    FOR EACH ROW EXECUTE FUNCTION public.qz_holiday_notice();
CREATE OR REPLACE TRIGGER qz_notice_truncate BEFORE TRUNCATE ON public.workdays_holidaynotice
    FOR EACH STATEMENT EXECUTE FUNCTION public.qz_refuse('节假日通知不能清空，只能逐条撤销');

-- ---- column templates: who wrote, gave up or put in force which version, and what became of which site ------------

CREATE OR REPLACE FUNCTION public.qz_template_written() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE act text; version public.column_templates_templateversion;
BEGIN
    IF TG_OP = 'DELETE' THEN
        version := OLD; act := 'template_discarded';
    ELSE
        version := NEW;
        act := CASE
            WHEN TG_OP = 'INSERT' AND NEW.state = 'draft' THEN 'template_drafted'
            WHEN TG_OP = 'INSERT' THEN 'template_in_force'
            WHEN NEW.state = 'current' AND OLD.state <> 'current' THEN 'template_in_force'
            WHEN NEW.state = 'draft' AND (NEW.digest, NEW.note) IS DISTINCT FROM (OLD.digest, OLD.note) THEN 'template_edited'
        END;
    END IF;
    IF act IS NOT NULL THEN
        PERFORM public.qz_write_ledger('', act, 'template', version.number::text, '栏目模板第 ' || version.number || ' 版', NULL,
            version.digest, jsonb_build_object('note', version.note));
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION public.qz_template_applied() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE site_code text;
BEGIN
    -- A site that is born with a version has nothing done to it.
    IF NEW.report = '{}'::jsonb THEN RETURN NULL; END IF;
    SELECT code INTO site_code FROM public.subsites_subsite WHERE id = NEW.site_id;
    PERFORM public.qz_write_ledger(coalesce(site_code, ''), 'template_applied', 'template', NEW.version::text,
        '栏目模板第 ' || NEW.version || ' 版', NULL, '', NEW.report);
    RETURN NULL;
END $$;

-- What has been in force stays as it was; the role of the web processes writes drafts alone.
CREATE OR REPLACE FUNCTION public.qz_keep_version() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    -- Superusers, who restore a backup, belong to every role.
    owner_acts boolean := (SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = TG_RELID);
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state <> 'draft'
       AND (NEW.number, NEW.sources, NEW.digest, NEW.language) IS DISTINCT FROM (OLD.number, OLD.sources, OLD.digest, OLD.language) THEN
        RAISE EXCEPTION '栏目模板第 % 版已经启用过，文本不能再改；请编制下一版。', OLD.number;
    END IF;
    IF NOT owner_acts AND ((TG_OP <> 'INSERT' AND OLD.state <> 'draft') OR (TG_OP <> 'DELETE' AND NEW.state <> 'draft')) THEN
        RAISE EXCEPTION '网页进程只能编制草稿；启用一个版本由后台任务或者命令完成。';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE OR REPLACE TRIGGER qz_keep_version BEFORE INSERT OR UPDATE OR DELETE ON public.column_templates_templateversion
    FOR EACH ROW EXECUTE FUNCTION public.qz_keep_version();
CREATE OR REPLACE TRIGGER qz_ledger AFTER INSERT OR UPDATE OR DELETE ON public.column_templates_templateversion
    FOR EACH ROW EXECUTE FUNCTION public.qz_template_written();
CREATE OR REPLACE TRIGGER qz_ledger AFTER INSERT OR UPDATE ON public.column_templates_siteversion
    FOR EACH ROW EXECUTE FUNCTION public.qz_template_applied();

-- ---- the publish gate ----------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION public.qz_finding_written() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE site_code text;
BEGIN
    SELECT code INTO site_code FROM public.subsites_subsite WHERE id = NEW.site_id;
    PERFORM public.qz_write_ledger(coalesce(site_code, ''), 'gate_finding', 'page', NEW.page_id::text, NEW.title, NULL, NEW.content_hash,
        jsonb_build_object('kind', NEW.kind, 'column', NEW.column_code,
            'rules', (SELECT jsonb_agg(v->>'rule_id') FROM jsonb_array_elements(NEW.verdicts) v)));
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER qz_ledger AFTER INSERT ON public.findings_finding
    FOR EACH ROW EXECUTE FUNCTION public.qz_finding_written();

CREATE OR REPLACE FUNCTION public.qz_waiver_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE site_code text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.state = OLD.state AND NEW.expires_on IS NOT DISTINCT FROM OLD.expires_on THEN RETURN NULL; END IF;
    END IF;
    SELECT code INTO site_code FROM public.subsites_subsite WHERE id = NEW.site_id;
    PERFORM public.qz_write_ledger(coalesce(site_code, ''), 'waiver_' || NEW.state, 'waiver', NEW.id::text,
        NEW.column_code || CASE WHEN NEW.rule_id = '' THEN '' ELSE ' ' || NEW.rule_id END, NULL, '',
        jsonb_build_object('waiver_reason', NEW.reason, 'note', NEW.note, 'expires_on', NEW.expires_on, 'asked_by', NEW.asked_by,
            'signer', NEW.signer));
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER qz_ledger AFTER INSERT OR UPDATE ON public.column_templates_waiver
    FOR EACH ROW EXECUTE FUNCTION public.qz_waiver_changed();

-- Asked for, granted or refused, ended: the role of the web processes takes one step after the other, and no moment is its choice.
CREATE OR REPLACE FUNCTION public.qz_waiver_moves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE owner_acts boolean := (SELECT pg_has_role(session_user, relowner, 'USAGE') FROM pg_class WHERE oid = TG_RELID);
BEGIN
    IF owner_acts THEN RETURN NEW; END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'asked' OR NEW.signer <> '{}' OR NEW.decided_at IS NOT NULL OR NEW.expires_on IS NOT NULL THEN
            RAISE EXCEPTION '豁免先申请、后审批，不能一写入就已批准' USING ERRCODE = 'insufficient_privilege';
        END IF;
        NEW.asked_at := clock_timestamp();
        RETURN NEW;
    END IF;
    IF (OLD.state, NEW.state) NOT IN (('asked', 'granted'), ('asked', 'refused'), ('granted', 'ended')) THEN
        RAISE EXCEPTION '豁免不能从“%”改为“%”', OLD.state, NEW.state USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- Three years, as the console grants at most, and a day for the time zone.
    IF (NEW.state = 'granted' AND NEW.expires_on > current_date + 3 * 366 + 1)
       OR (NEW.state <> 'granted' AND NEW.expires_on IS DISTINCT FROM OLD.expires_on) THEN
        RAISE EXCEPTION '豁免的有效期在批准时定，最长三年' USING ERRCODE = 'insufficient_privilege';
    END IF;
    NEW.decided_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER qz_moves BEFORE INSERT OR UPDATE ON public.column_templates_waiver
    FOR EACH ROW EXECUTE FUNCTION public.qz_waiver_moves();
