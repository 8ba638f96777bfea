-- The lock on what a template planted: home page and columns of every site, in the site's own tables.
-- Installed by cluster.resources.triggers (sites/columns/lock/contribution.py); repeatable.
-- It holds for every role. Only a transaction that qz_open_columns has opened for this schema passes, and that function is the
-- owner's alone: no session variable, which anybody could set. An opening ends with its transaction at the latest.

CREATE TABLE IF NOT EXISTS public.column_templates_opening (
    xid xid8 NOT NULL, schema_name text NOT NULL, PRIMARY KEY (xid, schema_name)
);

CREATE OR REPLACE FUNCTION public.qz_open_columns(in_schema text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO public.column_templates_opening VALUES (pg_current_xact_id(), in_schema) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END $$;

CREATE OR REPLACE FUNCTION public.qz_close_columns(in_schema text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    DELETE FROM public.column_templates_opening WHERE xid = pg_current_xact_id() AND schema_name = in_schema
$$;

-- A row that outlived its transaction could open another one, in a database restored to where the numbers begin anew.
CREATE OR REPLACE FUNCTION public.qz_forget_opening() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    DELETE FROM public.column_templates_opening WHERE xid = NEW.xid;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS qz_forget ON public.column_templates_opening;
CREATE CONSTRAINT TRIGGER qz_forget AFTER INSERT ON public.column_templates_opening DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.qz_forget_opening();

CREATE OR REPLACE FUNCTION public.qz_columns_are_open(in_schema text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT EXISTS (SELECT 1 FROM public.column_templates_opening
                   WHERE xid = pg_current_xact_id_if_assigned() AND schema_name = in_schema)
$$;

CREATE OR REPLACE FUNCTION public.qz_refuse_shaping(what text, deed text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION '%由全省统一的栏目模板设置，网站不能%（依据《政府网站发展指引》，国办发〔2017〕47号）。确需调整的，请联系省级管理部门在控制台修改模板。', what, deed
        USING ERRCODE = 'QZ001';
END $$;

-- How a page is held: 'root', 'home', 'column', or NULL for what the site made itself.
CREATE OR REPLACE FUNCTION public.qz_holding(in_schema text, in_page bigint, in_depth bigint) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE held text;
BEGIN
    IF in_depth = 1 THEN RETURN 'root'; END IF;
    EXECUTE format('SELECT CASE WHEN EXISTS (SELECT 1 FROM %1$I.columns_columnpage WHERE page_ptr_id = $1 AND planted) THEN ''column''
                                WHEN EXISTS (SELECT 1 FROM %1$I.columns_homepage WHERE page_ptr_id = $1) THEN ''home'' END', in_schema)
        INTO held USING in_page;
    RETURN held;
END $$;

-- Whether something that is held stands directly below a page: the home page below the root, planted columns elsewhere.
CREATE OR REPLACE FUNCTION public.qz_holds_below(in_schema text, in_page bigint, in_depth bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE found boolean;
BEGIN
    EXECUTE format('SELECT CASE WHEN $2 = 1 THEN EXISTS (SELECT 1 FROM %1$I.columns_homepage)
                                ELSE EXISTS (SELECT 1 FROM %1$I.columns_columnpage WHERE planted AND placed_under = $1) END', in_schema)
        INTO found USING in_page, in_depth;
    RETURN found;
END $$;

CREATE OR REPLACE FUNCTION public.qz_held_name(held text, title text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT CASE held WHEN 'column' THEN format('栏目“%s”', title) WHEN 'home' THEN '首页' ELSE '网站的根页面' END
$$;

-- wagtailcore_page, before: name, address, visibility and type of what is held; its text, order and revisions are free.
CREATE OR REPLACE FUNCTION public.qz_lock_page() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE held text; deed text := '删除';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        deed := CASE
            WHEN (NEW.title, NEW.seo_title) IS DISTINCT FROM (OLD.title, OLD.seo_title) THEN '改名'
            WHEN NEW.draft_title IS DISTINCT FROM OLD.draft_title AND NEW.draft_title IS DISTINCT FROM NEW.title THEN '改名'
            WHEN (NEW.slug, NEW.url_path) IS DISTINCT FROM (OLD.slug, OLD.url_path) THEN '更改网页地址'
            WHEN (NEW.live, NEW.expired) IS DISTINCT FROM (OLD.live, OLD.expired) THEN '撤回'
            WHEN (NEW.go_live_at, NEW.expire_at) IS DISTINCT FROM (OLD.go_live_at, OLD.expire_at) THEN '定时上线或下线'
            WHEN NEW.show_in_menus IS DISTINCT FROM OLD.show_in_menus THEN '更改在导航中的显示'
            WHEN (NEW.id, NEW.depth) IS DISTINCT FROM (OLD.id, OLD.depth) THEN '移动'
            WHEN (NEW.content_type_id, NEW.alias_of_id, NEW.locale_id, NEW.translation_key)
                 IS DISTINCT FROM (OLD.content_type_id, OLD.alias_of_id, OLD.locale_id, OLD.translation_key) THEN '更改类型'
        END;
        -- The tree asks nobody below a page that says it has none: all addresses there would be gone. Put right and not refused:
        -- SQL that moves an item leaves the count one off, and the honest deletion that comes later must not suffer for it.
        IF NEW.numchild <= 0 AND OLD.numchild > 0 AND public.qz_holds_below(TG_TABLE_SCHEMA, OLD.id, OLD.depth)
           AND NOT public.qz_columns_are_open(TG_TABLE_SCHEMA) THEN
            EXECUTE format('SELECT greatest(count(*), 1) FROM %I.wagtailcore_page WHERE depth = $2 + 1 AND starts_with(path, $1)',
                           TG_TABLE_SCHEMA) INTO NEW.numchild USING OLD.path, OLD.depth;
        END IF;
        IF deed IS NULL THEN RETURN NEW; END IF;
    END IF;
    held := public.qz_holding(TG_TABLE_SCHEMA, OLD.id, OLD.depth);
    IF held IS NOT NULL AND NOT public.qz_columns_are_open(TG_TABLE_SCHEMA) THEN
        PERFORM public.qz_refuse_shaping(public.qz_held_name(held, OLD.title), deed);
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

-- wagtailcore_page, before: nobody takes the address of a planted column, whose page citizens would then no longer find.
CREATE OR REPLACE FUNCTION public.qz_lock_address() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE taken text;
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.slug, NEW.url_path) IS NOT DISTINCT FROM (OLD.slug, OLD.url_path) THEN RETURN NEW; END IF;
    EXECUTE format('SELECT p.title FROM %1$I.wagtailcore_page p JOIN %1$I.columns_columnpage c ON c.page_ptr_id = p.id
                    WHERE p.slug = $1 AND p.url_path = $2 AND p.id <> $3 AND c.planted', TG_TABLE_SCHEMA)
        INTO taken USING NEW.slug, NEW.url_path, NEW.id;
    IF taken IS NOT NULL AND NOT public.qz_columns_are_open(TG_TABLE_SCHEMA) THEN
        RAISE EXCEPTION '网址“%”是栏目“%”的，别的页面不能占用：请换一个网址', NEW.slug, taken USING ERRCODE = 'QZ001';
    END IF;
    RETURN NEW;
END $$;

-- Whether a column of the site's own may stand below a page: below a column that the template opened, below one of its own,
-- and where it stood before the law.
CREATE OR REPLACE FUNCTION public.qz_check_place(in_schema text, in_page bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE place record;
BEGIN
    EXECUTE format('SELECT p.title, parent.id AS parent_id, parent.title AS parent_title, c.planted, c.placed_under,
                           home.page_ptr_id IS NOT NULL AS is_home, above.planted AND NOT above.open_below AS is_closed
                    FROM %1$I.columns_columnpage c JOIN %1$I.wagtailcore_page p ON p.id = c.page_ptr_id
                    LEFT JOIN %1$I.wagtailcore_page parent ON parent.path = left(p.path, -4)
                    LEFT JOIN %1$I.columns_homepage home ON home.page_ptr_id = parent.id
                    LEFT JOIN %1$I.columns_columnpage above ON above.page_ptr_id = parent.id
                    WHERE c.page_ptr_id = $1', in_schema) INTO place USING in_page;
    IF place.title IS NULL OR place.parent_id = place.placed_under THEN RETURN; END IF;
    IF place.planted THEN
        PERFORM public.qz_refuse_shaping(format('栏目“%s”', place.title), '移动');
    ELSIF coalesce(place.is_home, false) OR coalesce(place.is_closed, false) THEN
        PERFORM public.qz_refuse_shaping(
            CASE WHEN place.is_home THEN '首页下的一级栏目' ELSE format('栏目“%s”', place.parent_title) END,
            format('在其下自设栏目“%s”', place.title));
    END IF;
END $$;

-- wagtailcore_page, after: whoever moves, every planted column stands below the page that it was planted under.
CREATE OR REPLACE FUNCTION public.qz_lock_place() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE held text; left_behind text;
BEGIN
    IF NEW.path IS NOT DISTINCT FROM OLD.path THEN RETURN NULL; END IF;
    IF public.qz_columns_are_open(TG_TABLE_SCHEMA) THEN RETURN NULL; END IF;
    held := public.qz_holding(TG_TABLE_SCHEMA, NEW.id, OLD.depth);
    IF held IN ('root', 'home') THEN
        PERFORM public.qz_refuse_shaping(public.qz_held_name(held, OLD.title), '移动');
    END IF;
    PERFORM public.qz_check_place(TG_TABLE_SCHEMA, NEW.id);
    IF held = 'column' THEN
        EXECUTE format('SELECT p.title FROM %1$I.columns_columnpage c JOIN %1$I.wagtailcore_page p ON p.id = c.page_ptr_id
                        WHERE c.planted AND c.placed_under = $1 AND left(p.path, -4) <> $2 LIMIT 1', TG_TABLE_SCHEMA)
            INTO left_behind USING NEW.id, NEW.path;
        IF left_behind IS NOT NULL THEN
            PERFORM public.qz_refuse_shaping(format('栏目“%s”', left_behind), '移动');
        END IF;
    END IF;
    RETURN NULL;
END $$;

-- columns_columnpage: what the template says of a column, and the marks of the lock itself.
CREATE OR REPLACE FUNCTION public.qz_lock_column() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE deed text; title text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        deed := CASE WHEN NEW.planted OR NEW.open_below OR NEW.placed_under IS NOT NULL THEN '自行标记为统一栏目'
                     WHEN to_jsonb(NEW)->'shows_dates' = 'false' THEN '更改日期的显示' END;
    ELSIF TG_OP = 'DELETE' THEN
        deed := CASE WHEN OLD.planted THEN '删除' END;
    ELSE
        deed := CASE
            WHEN (NEW.planted, NEW.open_below, NEW.placed_under) IS DISTINCT FROM (OLD.planted, OLD.open_below, OLD.placed_under)
                THEN '更改统一栏目的标记'
            -- As JSON: a site that waits for its migration has no such field yet.
            WHEN to_jsonb(NEW)->'shows_dates' IS DISTINCT FROM to_jsonb(OLD)->'shows_dates' THEN '更改日期的显示'
            WHEN NOT OLD.planted THEN NULL
            WHEN (NEW.code, NEW.page_ptr_id) IS DISTINCT FROM (OLD.code, OLD.page_ptr_id) THEN '更改栏目代码'
            WHEN (NEW.column_class, NEW.fed_by) IS DISTINCT FROM (OLD.column_class, OLD.fed_by) THEN '更改类别'
            WHEN (NEW.column_type, NEW.description, NEW.keywords) IS DISTINCT FROM (OLD.column_type, OLD.description, OLD.keywords)
                THEN '更改网页标签'
        END;
    END IF;
    IF deed IS NOT NULL AND NOT public.qz_columns_are_open(TG_TABLE_SCHEMA) THEN
        EXECUTE format('SELECT title FROM %I.wagtailcore_page WHERE id = $1', TG_TABLE_SCHEMA) INTO title
            USING CASE WHEN TG_OP = 'INSERT' THEN NEW.page_ptr_id ELSE OLD.page_ptr_id END;
        PERFORM public.qz_refuse_shaping(format('栏目“%s”', title), deed);
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION public.qz_lock_new_column() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NOT public.qz_columns_are_open(TG_TABLE_SCHEMA) THEN
        PERFORM public.qz_check_place(TG_TABLE_SCHEMA, NEW.page_ptr_id);
    END IF;
    RETURN NULL;
END $$;

-- columns_homepage: its blocks are the site's; its being there is not, nor the note of what the template planted.
CREATE OR REPLACE FUNCTION public.qz_lock_home() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        -- As JSON: a site that waits for its migration has no such note yet.
        IF NEW.page_ptr_id = OLD.page_ptr_id AND to_jsonb(NEW)->'planted_as' IS NOT DISTINCT FROM to_jsonb(OLD)->'planted_as'
        THEN RETURN NEW; END IF;
    END IF;
    IF NOT public.qz_columns_are_open(TG_TABLE_SCHEMA) THEN
        PERFORM public.qz_refuse_shaping('首页', '另设、替换或删除');
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

-- wagtailcore_pageviewrestriction: nothing that is held may be hidden; taking a restriction off is free.
CREATE OR REPLACE FUNCTION public.qz_lock_restriction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE page record; held text;
BEGIN
    EXECUTE format('SELECT id, depth, title FROM %I.wagtailcore_page WHERE id = $1', TG_TABLE_SCHEMA) INTO page USING NEW.page_id;
    held := public.qz_holding(TG_TABLE_SCHEMA, page.id, page.depth);
    IF held IS NOT NULL AND NOT public.qz_columns_are_open(TG_TABLE_SCHEMA) THEN
        PERFORM public.qz_refuse_shaping(public.qz_held_name(held, page.title), '限制访问');
    END IF;
    RETURN NEW;
END $$;

-- wagtailcore_site: which page is the site's root, and under which host. TRUNCATE of any of these tables comes here too.
CREATE OR REPLACE FUNCTION public.qz_lock_all() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NEW; END IF;
    END IF;
    IF NOT public.qz_columns_are_open(TG_TABLE_SCHEMA) THEN
        PERFORM public.qz_refuse_shaping(CASE TG_TABLE_NAME WHEN 'wagtailcore_site' THEN '网站的根和主机名' ELSE '栏目结构' END,
            CASE TG_OP WHEN 'TRUNCATE' THEN '整表清空' ELSE '更改' END);
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; ELSIF TG_OP = 'TRUNCATE' THEN RETURN NULL; END IF;
    RETURN NEW;
END $$;
