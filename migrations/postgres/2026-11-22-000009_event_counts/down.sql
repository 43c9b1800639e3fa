DROP TABLE application_ranks;
DROP TABLE application_counts;
DROP TABLE event_hours;
DELETE FROM counters WHERE name = 'events_counted';
