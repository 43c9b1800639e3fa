-- Numbers of events, so that charts do not count them. Filled by recurring work, from the trail itself at first.

-- Hours since 1970.
CREATE TABLE event_hours (
    hour BIGINT NOT NULL,
    action TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (hour, action)
);

-- How often people were let into an application in a part of so many hours: the parts since 1970.
CREATE TABLE application_counts (
    hours BIGINT NOT NULL,
    part BIGINT NOT NULL,
    application_id UUID NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (hours, part, application_id)
);

-- The applications with the most of the latest parts.
CREATE TABLE application_ranks (
    hours BIGINT NOT NULL,
    application_id UUID NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (hours, application_id)
);
