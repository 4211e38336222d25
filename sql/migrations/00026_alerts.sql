-- +goose Up

CREATE TABLE alert_receivers (
    receiver text NOT NULL,
    told bigint NOT NULL,
    told_at timestamptz NOT NULL,
    CONSTRAINT alert_receivers_pkey PRIMARY KEY (receiver)
);
COMMENT ON TABLE alert_receivers IS 'Up to which event each receiver of alerts was told. A receiver is named without any secret of its address.';
