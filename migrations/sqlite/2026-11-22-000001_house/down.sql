DROP TABLE schedules;
DROP TABLE changes;
DROP TABLE counters;
DROP TABLE settings;
