-- What stored pages may show has changed: one event for each server with a store, by whatever road the change came.
-- Installed by cluster.resources.triggers (cluster/edge/contribution.py); repeatable. The keys are those of cluster/edge/keys.py.
-- The functions run with the owner's rights: the web role can neither write events nor take away those of a server.

-- Events of one transaction and key become one: the latest date, for what reaches the old reaches the new; undated beats dated.
-- What is gone is told to the server '' as well: whoever commits takes that, and withdraws without waiting for anybody.
CREATE OR REPLACE FUNCTION public.qz_edge_put(in_keys text[], in_at timestamptz, in_gone boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO public.edge_edgeevent AS event (server, key, at, gone, xid)
        SELECT told.name, keys.key, in_at, in_gone, pg_current_xact_id()::text::bigint
        FROM (SELECT name FROM public.edge_edgeserver WHERE dropped_at IS NULL UNION ALL SELECT '' WHERE in_gone) AS told
             CROSS JOIN (SELECT DISTINCT unnest(in_keys) AS key) AS keys
        ON CONFLICT (server, key, xid) DO UPDATE
            SET at = CASE WHEN event.at IS NULL OR excluded.at IS NULL THEN NULL ELSE greatest(event.at, excluded.at) END,
                gone = event.gone OR excluded.gone
            WHERE (excluded.gone AND NOT event.gone) OR (event.at IS NOT NULL AND (excluded.at IS NULL OR excluded.at > event.at));
    IF FOUND THEN PERFORM pg_notify('qunzhan_feed', ''); END IF;
END $$;

-- What the running transaction takes from the public; asked by the process just before its commit, see cluster/edge/withdrawal.py.
CREATE OR REPLACE FUNCTION public.qz_edge_take() RETURNS TABLE (taken_key text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF pg_current_xact_id_if_assigned() IS NULL THEN RETURN; END IF;
    RETURN QUERY DELETE FROM public.edge_edgeevent
        WHERE server = '' AND xid = pg_current_xact_id()::text::bigint RETURNING key;
END $$;

-- Called by qz_put_mark: a row of a site's table changed. What that means for lists and for other pages say the guards below.
CREATE OR REPLACE FUNCTION public.qz_edge_marked(in_schema text, in_scope text, in_object bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM public.qz_edge_put(
        CASE in_scope
            WHEN 'site' THEN ARRAY['record:' || in_schema, 'columns:' || in_schema]
            WHEN 'document' THEN ARRAY[format('document:%s:%s', in_schema, in_object)]
            WHEN 'image' THEN ARRAY[format('image:%s:%s', in_schema, in_object)]
            ELSE ARRAY[format('page:%s:%s', in_schema, in_object)]
        END, NULL, false);
END $$;

-- ---- tables of a site ------------------------------------------------------------------------------------------

-- wagtailcore_page: what ceases to be public, what lists show of an item, what menus show of a column.
CREATE OR REPLACE FUNCTION public.qz_edge_page() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    the_page text := format('page:%s:%s', TG_TABLE_SCHEMA, OLD.id);
    the_line text := format('line:%s:%s', TG_TABLE_SCHEMA, OLD.id);
    shapes boolean;
    hidden text[];
BEGIN
    IF TG_TABLE_SCHEMA LIKE 'base\_%' THEN RETURN NULL; END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.live THEN PERFORM public.qz_edge_put(ARRAY[the_page, the_line], NULL, true); END IF;
        RETURN NULL;
    END IF;
    IF NOT (OLD.live OR NEW.live) THEN RETURN NULL; END IF;
    IF OLD.live AND (NOT NEW.live OR (NEW.expired AND NOT OLD.expired) OR NEW.id <> OLD.id) THEN
        PERFORM public.qz_edge_put(ARRAY[the_page, the_line], NULL, true);
    ELSE
        -- The old address must not answer any more.
        IF NEW.url_path <> OLD.url_path THEN PERFORM public.qz_edge_put(ARRAY[the_page], NULL, true); END IF;
        IF (NEW.title, NEW.url_path) IS DISTINCT FROM (OLD.title, OLD.url_path) THEN
            PERFORM public.qz_edge_put(ARRAY[the_line], NULL, false);
        END IF;
        -- What is moved below a restriction goes with its mirrors, which stay where they are.
        IF NEW.path <> OLD.path THEN
            EXECUTE format(
                'SELECT array_agg(kind || $1 || '':'' || p.id) FROM %1$I.wagtailcore_pageviewrestriction r
                      JOIN %1$I.wagtailcore_page top ON top.id = r.page_id AND $3 LIKE top.path || ''%%''
                      JOIN %1$I.wagtailcore_page p ON p.id = $2 OR p.alias_of_id = $2
                      CROSS JOIN unnest(ARRAY[''page:'', ''line:'']) AS kind', TG_TABLE_SCHEMA)
                INTO hidden USING TG_TABLE_SCHEMA, NEW.id, NEW.path;
            IF hidden IS NOT NULL THEN PERFORM public.qz_edge_put(hidden, NULL, true); END IF;
        END IF;
    END IF;
    IF (NEW.live, NEW.url_path, NEW.last_published_at) IS DISTINCT FROM (OLD.live, OLD.url_path, OLD.last_published_at) THEN
        PERFORM public.qz_edge_put(ARRAY['items:' || TG_TABLE_SCHEMA], NULL, false);
    END IF;
    IF (NEW.live, NEW.title, NEW.path, NEW.url_path, NEW.show_in_menus) IS DISTINCT FROM
       (OLD.live, OLD.title, OLD.path, OLD.url_path, OLD.show_in_menus) THEN
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.{columns} WHERE page_ptr_id = $1)', TG_TABLE_SCHEMA)
            INTO shapes USING NEW.id;
        IF shapes OR NEW.depth < 3 THEN PERFORM public.qz_edge_put(ARRAY['columns:' || TG_TABLE_SCHEMA], NULL, false); END IF;
    END IF;
    RETURN NULL;
END $$;

-- Tables of items: the part of a line that lies in the type's own table.
CREATE OR REPLACE FUNCTION public.qz_edge_item() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_TABLE_SCHEMA NOT LIKE 'base\_%'
       AND (NEW.published_at, NEW.summary, NEW.source, NEW.issuer, NEW.doc_no, NEW.is_current, NEW.pub_date, NEW.lead_image_id,
            NEW.lead_image_alt) IS DISTINCT FROM
           (OLD.published_at, OLD.summary, OLD.source, OLD.issuer, OLD.doc_no, OLD.is_current, OLD.pub_date, OLD.lead_image_id,
            OLD.lead_image_alt) THEN
        PERFORM public.qz_edge_put(ARRAY[format('line:%s:%s', TG_TABLE_SCHEMA, NEW.page_ptr_id)], NULL, false);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION public.qz_edge_column() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_TABLE_SCHEMA LIKE 'base\_%' THEN RETURN NULL; END IF;
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.code, NEW.column_class, NEW.column_type, NEW.description, NEW.keywords, NEW.fed_by) IS NOT DISTINCT FROM
           (OLD.code, OLD.column_class, OLD.column_type, OLD.description, OLD.keywords, OLD.fed_by) THEN RETURN NULL; END IF;
    END IF;
    PERFORM public.qz_edge_put(ARRAY['columns:' || TG_TABLE_SCHEMA, 'items:' || TG_TABLE_SCHEMA], NULL, false);
    RETURN NULL;
END $$;

-- A restriction takes everything at and below its page from the public, and the mirrors of that.
CREATE OR REPLACE FUNCTION public.qz_edge_restriction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE hidden text[];
BEGIN
    IF TG_TABLE_SCHEMA LIKE 'base\_%' THEN RETURN NULL; END IF;
    PERFORM public.qz_edge_put(ARRAY['columns:' || TG_TABLE_SCHEMA, 'items:' || TG_TABLE_SCHEMA], NULL, false);
    IF TG_OP = 'DELETE' THEN RETURN NULL; END IF;
    EXECUTE format(
        'SELECT array_agg(kind || $2 || '':'' || hidden.id) FROM %1$I.wagtailcore_page top
              JOIN %1$I.wagtailcore_page p ON p.path LIKE top.path || ''%%''
              JOIN %1$I.wagtailcore_page hidden ON hidden.id = p.id OR hidden.alias_of_id = p.id
              CROSS JOIN unnest(ARRAY[''page:'', ''line:'']) AS kind
         WHERE top.id = $1 AND hidden.live', TG_TABLE_SCHEMA) INTO hidden USING NEW.page_id, TG_TABLE_SCHEMA;
    IF hidden IS NOT NULL THEN PERFORM public.qz_edge_put(hidden, NULL, true); END IF;
    RETURN NULL;
END $$;

-- A file as it was is gone when it is deleted, replaced, or put among others that are perhaps not for everybody.
CREATE OR REPLACE FUNCTION public.qz_edge_document() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.file, NEW.file_hash, NEW.collection_id) IS NOT DISTINCT FROM (OLD.file, OLD.file_hash, OLD.collection_id) THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM public.qz_edge_put(ARRAY[format('document:%s:%s', TG_TABLE_SCHEMA, OLD.id)], NULL, true);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION public.qz_edge_image() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.file, NEW.file_hash) IS NOT DISTINCT FROM (OLD.file, OLD.file_hash) THEN RETURN NULL; END IF;
    END IF;
    PERFORM public.qz_edge_put(ARRAY[format('image:%s:%s', TG_TABLE_SCHEMA, OLD.id)], NULL, true);
    RETURN NULL;
END $$;

-- The documents of a collection that is restricted, or moved to where it may be.
CREATE OR REPLACE FUNCTION public.qz_edge_collection() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE hidden text[]; the_collection bigint;
BEGIN
    IF TG_TABLE_NAME = 'wagtailcore_collection' THEN
        IF NEW.path = OLD.path THEN RETURN NULL; END IF;
        the_collection := NEW.id;
    ELSE
        the_collection := NEW.collection_id;
    END IF;
    EXECUTE format(
        'SELECT array_agg(''document:'' || $2 || '':'' || d.id) FROM %1$I.wagtailcore_collection top
              JOIN %1$I.wagtailcore_collection c ON c.path LIKE top.path || ''%%''
              JOIN %1$I.wagtaildocs_document d ON d.collection_id = c.id
         WHERE top.id = $1', TG_TABLE_SCHEMA) INTO hidden USING the_collection, TG_TABLE_SCHEMA;
    IF hidden IS NOT NULL THEN PERFORM public.qz_edge_put(hidden, NULL, true); END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION public.qz_edge_emptied() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM public.qz_edge_put(ARRAY['record:' || TG_TABLE_SCHEMA, 'borrowed:' || TG_TABLE_SCHEMA], NULL, true);
    RETURN NULL;
END $$;

-- ---- the registry: which items a column has, and what other sites show of them --------------------------------------

-- Pages that name these items: a document published after its interpretation appears on that.
CREATE OR REPLACE FUNCTION public.qz_edge_named(in_items uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE naming text[];
BEGIN
    SELECT array_agg(format('page:%s:%s', s.schema_name, r.page_id)) INTO naming
        FROM public.resources_resource item
             JOIN public.resources_resourcelink l ON l.target_site_id = item.site_id AND l.target_page_id = item.page_id
             JOIN public.resources_resource r ON r.id = l.source_id JOIN public.subsites_subsite s ON s.id = r.site_id
        WHERE item.id = ANY(in_items);
    IF naming IS NOT NULL THEN PERFORM public.qz_edge_put(naming, NULL, false); END IF;
END $$;

CREATE OR REPLACE FUNCTION public.qz_edge_items_added() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE told record;
BEGIN
    FOR told IN SELECT s.schema_name, a.column_code, max(a.published_at) AS at FROM added a JOIN public.subsites_subsite s ON s.id = a.site_id
                WHERE a.state = 'published' GROUP BY 1, 2 LOOP
        PERFORM public.qz_edge_put(ARRAY[format('members:%s:%s', told.schema_name, told.column_code)], told.at, false);
        PERFORM public.qz_edge_put(ARRAY['items:' || told.schema_name], NULL, false);
    END LOOP;
    PERFORM public.qz_edge_named((SELECT array_agg(id) FROM added));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION public.qz_edge_items_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE told record; shown text[];
BEGIN
    -- A picture or attachment that was taken from an item is gone: who put it there by mistake does not wait for a worker.
    FOR told IN
        SELECT format('%s:%s:%s', lost.kind, s.schema_name, lost.id) AS key
        FROM before o JOIN after n ON n.id = o.id JOIN public.subsites_subsite s ON s.id = n.site_id
             CROSS JOIN LATERAL (
                 (SELECT 'document' AS kind, unnest(o.document_ids) AS id EXCEPT SELECT 'document', unnest(n.document_ids))
                 UNION ALL (SELECT 'image', unnest(o.image_ids) EXCEPT SELECT 'image', unnest(n.image_ids))) AS lost
        WHERE n.version <> o.version AND o.state = 'published' AND n.state = 'published'
              AND (o.document_ids, o.image_ids) IS DISTINCT FROM (n.document_ids, n.image_ids) LOOP
        PERFORM public.qz_edge_put(ARRAY[told.key], NULL, true);
    END LOOP;
    FOR told IN
        SELECT s.schema_name, n.id, n.page_id, greatest(o.published_at, n.published_at) AS at, n.state <> o.state AS turned,
               o.state = 'published' AND n.state <> 'published' AS gone,
               (o.title, o.path, o.published_at, o.summary, o.source, o.doc_no, o.validity, o.state) IS DISTINCT FROM
               (n.title, n.path, n.published_at, n.summary, n.source, n.doc_no, n.validity, n.state) AS looks_different,
               (o.state, o.column_code, o.published_at) IS DISTINCT FROM (n.state, n.column_code, n.published_at) AS moved,
               CASE WHEN o.state = 'published' THEN format('members:%s:%s', s.schema_name, o.column_code) END AS left_column,
               CASE WHEN n.state = 'published' THEN format('members:%s:%s', s.schema_name, n.column_code) END AS entered_column
        FROM before o JOIN after n ON n.id = o.id JOIN public.subsites_subsite s ON s.id = n.site_id
        WHERE n.version <> o.version LOOP
        shown := ARRAY[format('page:%s:%s', told.schema_name, told.page_id), format('line:%s:%s', told.schema_name, told.page_id)];
        IF told.gone OR told.looks_different THEN PERFORM public.qz_edge_put(shown, NULL, told.gone); END IF;
        IF told.turned THEN
            PERFORM public.qz_edge_put(ARRAY['items:' || told.schema_name], NULL, false);
            PERFORM public.qz_edge_named(ARRAY[told.id]);
        END IF;
        IF told.moved THEN
            PERFORM public.qz_edge_put(array_remove(ARRAY[told.left_column, told.entered_column], NULL), told.at, false);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION public.qz_edge_items_erased() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE told record;
BEGIN
    FOR told IN SELECT e.page_id, e.column_code, e.published_at, s.schema_name FROM erased e
                     JOIN public.subsites_subsite s ON s.id = e.site_id WHERE e.state = 'published' LOOP
        PERFORM public.qz_edge_put(ARRAY[format('page:%s:%s', told.schema_name, told.page_id),
                                         format('line:%s:%s', told.schema_name, told.page_id)], NULL, true);
        PERFORM public.qz_edge_put(ARRAY[format('members:%s:%s', told.schema_name, told.column_code)], told.published_at, false);
        PERFORM public.qz_edge_put(ARRAY['items:' || told.schema_name], NULL, false);
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER qz_edge_insert AFTER INSERT ON public.resources_resource
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.qz_edge_items_added();
CREATE OR REPLACE TRIGGER qz_edge_update AFTER UPDATE ON public.resources_resource
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION public.qz_edge_items_changed();
CREATE OR REPLACE TRIGGER qz_edge_delete AFTER DELETE ON public.resources_resource
    REFERENCING OLD TABLE AS erased FOR EACH STATEMENT EXECUTE FUNCTION public.qz_edge_items_erased();

-- ---- the directory of sites, and what touches every page --------------------------------------------------------------

CREATE OR REPLACE FUNCTION public.qz_edge_site() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM public.qz_edge_put(ARRAY['record:' || OLD.schema_name, 'borrowed:' || OLD.schema_name], NULL, true);
        PERFORM public.qz_edge_put(ARRAY['directory'], NULL, false);
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        PERFORM public.qz_edge_put(ARRAY['directory'], NULL, false);
        RETURN NULL;
    END IF;
    IF NEW.state <> OLD.state AND NEW.state <> 'open' THEN
        PERFORM public.qz_edge_put(ARRAY['record:' || OLD.schema_name, 'borrowed:' || OLD.schema_name], NULL, true);
    END IF;
    IF (NEW.state, NEW.name) IS DISTINCT FROM (OLD.state, OLD.name) THEN
        PERFORM public.qz_edge_put(ARRAY['named:' || NEW.schema_name], NULL, false);
    END IF;
    IF (NEW.state, NEW.name, NEW.short_name, NEW.kind, NEW.parent_id, NEW.region_id) IS DISTINCT FROM
       (OLD.state, OLD.name, OLD.short_name, OLD.kind, OLD.parent_id, OLD.region_id) THEN
        PERFORM public.qz_edge_put(ARRAY['directory'], NULL, false);
    END IF;
    RETURN NULL;
END $$;

-- What is stored under a host that leads there no longer must go.
CREATE OR REPLACE FUNCTION public.qz_edge_domain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    -- The sites below link to the main address.
    PERFORM public.qz_edge_put((SELECT array_agg('named:' || s.schema_name) FROM public.subsites_subsite s
        WHERE (TG_OP <> 'INSERT' AND OLD.is_primary AND s.id = OLD.tenant_id)
           OR (TG_OP <> 'DELETE' AND NEW.is_primary AND s.id = NEW.tenant_id)), NULL, false);
    IF TG_OP <> 'INSERT' THEN
        IF TG_OP = 'UPDATE' THEN
            IF (NEW.domain, NEW.tenant_id) IS NOT DISTINCT FROM (OLD.domain, OLD.tenant_id) THEN
                PERFORM public.qz_edge_put(ARRAY['directory'], NULL, false);
                RETURN NULL;
            END IF;
        END IF;
        PERFORM public.qz_edge_put(
            (SELECT array_agg('record:' || schema_name) FROM public.subsites_subsite WHERE id = OLD.tenant_id), NULL, true);
    END IF;
    PERFORM public.qz_edge_put(ARRAY['directory'], NULL, false);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION public.qz_edge_all() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF to_jsonb(NEW) -> TG_ARGV[0] IS DISTINCT FROM to_jsonb(OLD) -> TG_ARGV[0] THEN
        PERFORM public.qz_edge_put(ARRAY['all'], NULL, false);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER qz_edge_site AFTER INSERT OR UPDATE OR DELETE ON public.subsites_subsite
    FOR EACH ROW EXECUTE FUNCTION public.qz_edge_site();
CREATE OR REPLACE TRIGGER qz_edge_domain AFTER INSERT OR UPDATE OR DELETE ON public.subsites_domain
    FOR EACH ROW EXECUTE FUNCTION public.qz_edge_domain();
CREATE OR REPLACE TRIGGER qz_edge_all AFTER UPDATE ON public.subsites_region
    FOR EACH ROW EXECUTE FUNCTION public.qz_edge_all('name');
CREATE OR REPLACE TRIGGER qz_edge_all AFTER UPDATE ON public.column_templates_templateversion
    FOR EACH ROW EXECUTE FUNCTION public.qz_edge_all('state');
