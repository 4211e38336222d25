-- +goose Up

CREATE TABLE hosts (
    host text NOT NULL,
    last_turn timestamptz NOT NULL,
    CONSTRAINT hosts_pkey PRIMARY KEY (host)
);
COMMENT ON TABLE hosts IS 'When a host was last asked for something, by any replica. The last turn may lie ahead: somebody waits for it.';

CREATE TABLE robots_files (
    origin text NOT NULL,
    body bytea NOT NULL,
    fetched_at timestamptz NOT NULL,
    CONSTRAINT robots_files_pkey PRIMARY KEY (origin)
);
COMMENT ON TABLE robots_files IS 'The robots.txt of origins (scheme, host and port) as it last came; empty where there is none.';
