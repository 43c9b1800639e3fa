DROP TABLE blueprint_objects;
