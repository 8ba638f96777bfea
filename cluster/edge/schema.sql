-- The index of the page store: a file of its own on each application server, so that it answers without PostgreSQL.
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    generation TEXT NOT NULL,
    host TEXT NOT NULL,
    variant TEXT NOT NULL,
    path TEXT NOT NULL,
    query TEXT NOT NULL,
    site TEXT NOT NULL,
    kind INTEGER NOT NULL,
    media_class TEXT NOT NULL,
    size INTEGER NOT NULL,
    stored_at REAL NOT NULL,
    used_at REAL NOT NULL,
    holds_until REAL,
    stale INTEGER NOT NULL DEFAULT 0,   -- its turn to be replaced, by the number of the change that it does not show yet; 0: it shows all
    pending INTEGER NOT NULL DEFAULT 0, -- admitted, its file not yet in place
    UNIQUE (generation, host, variant, path, query, pending)
);
CREATE INDEX IF NOT EXISTS entries_by_use ON entries (host, used_at);
CREATE INDEX IF NOT EXISTS entries_by_age ON entries (used_at);
CREATE INDEX IF NOT EXISTS entries_by_site ON entries (site);
CREATE INDEX IF NOT EXISTS entries_waiting ON entries (stale, kind) WHERE stale > 0;
CREATE INDEX IF NOT EXISTS entries_due ON entries (holds_until) WHERE holds_until IS NOT NULL;

CREATE TABLE IF NOT EXISTS dependencies (
    key TEXT NOT NULL,
    entry INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    since REAL,                         -- only what is dated then or later can change this copy
    PRIMARY KEY (key, entry)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS dependencies_by_entry ON dependencies (entry);

CREATE TABLE IF NOT EXISTS files (
    file TEXT NOT NULL,
    entry INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    PRIMARY KEY (file, entry)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS files_by_entry ON files (entry);

-- What changed lately: a render that began before such a change is refused.
CREATE TABLE IF NOT EXISTS touches (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    at REAL,
    noted_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS touches_by_key ON touches (key, position);

-- The second by which web servers tell the last copy of an address from those before it; kept for a minute after that second.
CREATE TABLE IF NOT EXISTS seconds (
    host TEXT NOT NULL,
    variant TEXT NOT NULL,
    path TEXT NOT NULL,
    query TEXT NOT NULL,
    second INTEGER NOT NULL,
    PRIMARY KEY (host, variant, path, query)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seconds_by_age ON seconds (second);

-- How much each host has; kept by triggers, for a count at each write would read them all.
CREATE TABLE IF NOT EXISTS usage (host TEXT PRIMARY KEY, entries INTEGER NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS entry_comes AFTER INSERT ON entries BEGIN
    INSERT INTO usage VALUES (new.host, 1, new.size)
    ON CONFLICT (host) DO UPDATE SET entries = entries + 1, bytes = bytes + new.size;
END;
CREATE TRIGGER IF NOT EXISTS entry_goes AFTER DELETE ON entries BEGIN
    UPDATE usage SET entries = entries - 1, bytes = bytes - old.size WHERE host = old.host;
END;

-- How the store stands with the feed; one row.
CREATE TABLE IF NOT EXISTS membership (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    store_id TEXT NOT NULL,
    reports INTEGER NOT NULL,
    is_told INTEGER NOT NULL
);
