-- Which objects a blueprint was about when it was applied last.
CREATE TABLE blueprint_objects (
    instance_id UUID NOT NULL REFERENCES blueprint_instances (id) ON DELETE CASCADE,
    object_id UUID NOT NULL,
    PRIMARY KEY (instance_id, object_id)
);
CREATE INDEX blueprint_objects_object_id_idx ON blueprint_objects (object_id);
