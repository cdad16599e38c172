CREATE TABLE parcels (                    -- messages under way, or refused: what of each channel is in which
    channel VARCHAR NOT NULL,
    alert_id VARCHAR NOT NULL,
    message VARCHAR NOT NULL,             -- the id that the receiver knows it by
    refused BOOLEAN NOT NULL
);
