-- Page numbers are given once, also right after a site was restored from an old backup: before a page is inserted, the numbers of
-- the site go on above all that registry and records remember. Installed by cluster.resources.triggers; repeatable.
-- A statement's own numbers are drawn after this; whoever draws numbers beforehand has to let it run first (sites/content/bulk.py).
-- What only the ledger remembers, the nightly check knows (cluster/resources/page_numbers.py).

CREATE OR REPLACE FUNCTION public.qz_page_numbers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    numbers regclass := pg_get_serial_sequence(format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME), 'id');
    site record; highest bigint; said text;
BEGIN
    SELECT id, code, name INTO site FROM public.subsites_subsite WHERE schema_name = TG_TABLE_SCHEMA;
    IF NOT FOUND THEN RETURN NULL; END IF;
    -- A nonsensical number must not use up what is left.
    highest := greatest(
        (SELECT max(page_id) FROM public.resources_resource WHERE site_id = site.id AND page_id < {sensible}),
        (SELECT max(page_id) FROM public.inspection_columnrecord WHERE site_id = site.id AND until IS NULL AND page_id < {sensible}));
    IF highest IS NULL OR highest <= coalesce(pg_sequence_last_value(numbers), 0) THEN RETURN NULL; END IF;
    -- Whoever waited here finds it done: setting it again could take back a number that the first has drawn.
    PERFORM pg_advisory_xact_lock(hashtext('qz_page_numbers'), site.id::integer);
    IF highest <= coalesce(pg_sequence_last_value(numbers), 0) THEN RETURN NULL; END IF;
    said := format('页面编号退到 %s，而用到过 %s：已接到其后，新页面不会冒用旧编号（多半是刚从旧备份恢复，请运行 check_columns --repair）',
                   coalesce(pg_sequence_last_value(numbers), 0), highest);
    PERFORM setval(numbers, highest);
    PERFORM public.qz_write_ledger(site.code, 'columns_checked', 'site', site.code, '页面编号接到用过的最大编号之后', NULL, '',
                                   jsonb_build_object('findings', jsonb_build_array(said)));
    INSERT INTO public.column_templates_structurenotice (site_code, sentence, repaired, found_at, resolved_at)
    VALUES (site.code, said, true, clock_timestamp(), clock_timestamp());
    RETURN NULL;
END $$;
