-- What administrators compose: flows, stages, policies, applications, brands, keys.

-- Stages, policies, prompts, property mappings, sources: the kind knows what the document means.
CREATE TABLE config_objects (
    id BLOB NOT NULL PRIMARY KEY,
    family TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    managed TEXT,
    config TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX config_objects_family_name_key ON config_objects (family, name);
CREATE UNIQUE INDEX config_objects_managed_key ON config_objects (managed);

CREATE TABLE flows (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    title TEXT NOT NULL,
    designation TEXT NOT NULL,
    authentication TEXT NOT NULL,
    denied_action TEXT NOT NULL,
    layout TEXT NOT NULL,
    background TEXT NOT NULL,
    compatibility_mode BOOLEAN NOT NULL,
    policy_engine_mode TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX flows_slug_key ON flows (slug);

CREATE TABLE flow_stage_bindings (
    id BLOB NOT NULL PRIMARY KEY,
    target_id BLOB NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    stage_id BLOB NOT NULL REFERENCES config_objects (id) ON DELETE CASCADE,
    sort_order INTEGER NOT NULL,
    evaluate_on_plan BOOLEAN NOT NULL,
    re_evaluate_policies BOOLEAN NOT NULL,
    invalid_response_action TEXT NOT NULL,
    policy_engine_mode TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX flow_stage_bindings_target_id_stage_id_sort_order_key ON flow_stage_bindings (target_id, stage_id, sort_order);
CREATE INDEX flow_stage_bindings_stage_id_idx ON flow_stage_bindings (stage_id);

-- Exactly one of policy_id, group_id, user_id is set. The target may stand in several tables.
CREATE TABLE policy_bindings (
    id BLOB NOT NULL PRIMARY KEY,
    target_id BLOB NOT NULL,
    policy_id BLOB REFERENCES config_objects (id) ON DELETE CASCADE,
    group_id BLOB REFERENCES groups (id) ON DELETE CASCADE,
    user_id BLOB REFERENCES users (id) ON DELETE CASCADE,
    enabled BOOLEAN NOT NULL,
    negate BOOLEAN NOT NULL,
    sort_order INTEGER NOT NULL,
    timeout INTEGER NOT NULL,
    failure_result BOOLEAN NOT NULL,
    expires BIGINT
) WITHOUT ROWID;
CREATE INDEX policy_bindings_target_id_idx ON policy_bindings (target_id);
CREATE INDEX policy_bindings_policy_id_idx ON policy_bindings (policy_id);
CREATE INDEX policy_bindings_group_id_idx ON policy_bindings (group_id);
CREATE INDEX policy_bindings_user_id_idx ON policy_bindings (user_id);

CREATE TABLE providers (
    id BLOB NOT NULL PRIMARY KEY,
    pk BIGINT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    client_id TEXT,
    authentication_flow_id BLOB,
    authorization_flow_id BLOB,
    invalidation_flow_id BLOB,
    property_mappings TEXT NOT NULL,
    config TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX providers_pk_key ON providers (pk);
CREATE UNIQUE INDEX providers_name_key ON providers (name);
CREATE UNIQUE INDEX providers_client_id_key ON providers (client_id);

CREATE TABLE applications (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    group_name TEXT NOT NULL,
    provider_id BLOB REFERENCES providers (id) ON DELETE SET NULL,
    meta_launch_url TEXT NOT NULL,
    meta_icon TEXT NOT NULL,
    meta_description TEXT NOT NULL,
    meta_publisher TEXT NOT NULL,
    meta_hide BOOLEAN NOT NULL,
    open_in_new_tab BOOLEAN NOT NULL,
    policy_engine_mode TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX applications_slug_key ON applications (slug);
CREATE UNIQUE INDEX applications_provider_id_key ON applications (provider_id);

CREATE TABLE brands (
    id BLOB NOT NULL PRIMARY KEY,
    domain TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    branding_title TEXT NOT NULL,
    branding_logo TEXT NOT NULL,
    branding_favicon TEXT NOT NULL,
    branding_custom_css TEXT NOT NULL,
    branding_default_flow_background TEXT NOT NULL,
    flow_authentication_id BLOB,
    flow_invalidation_id BLOB,
    flow_recovery_id BLOB,
    flow_unenrollment_id BLOB,
    flow_user_settings_id BLOB,
    flow_device_code_id BLOB,
    default_application_id BLOB,
    attributes TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX brands_domain_key ON brands (domain);

CREATE TABLE key_pairs (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    managed TEXT,
    algorithm TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX key_pairs_name_key ON key_pairs (name);
CREATE UNIQUE INDEX key_pairs_managed_key ON key_pairs (managed);

-- Private keys are sealed.
CREATE TABLE key_versions (
    id BLOB NOT NULL PRIMARY KEY,
    key_pair_id BLOB NOT NULL REFERENCES key_pairs (id) ON DELETE CASCADE,
    kid TEXT NOT NULL,
    certificate TEXT NOT NULL,
    private_key BLOB NOT NULL,
    created BIGINT NOT NULL,
    activates BIGINT NOT NULL,
    retires BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX key_versions_kid_key ON key_versions (kid);
CREATE INDEX key_versions_key_pair_id_idx ON key_versions (key_pair_id);

-- Every reference inside a document, so that "used by" and deletion know of it.
CREATE TABLE object_refs (
    from_kind TEXT NOT NULL,
    from_id BLOB NOT NULL,
    field TEXT NOT NULL,
    to_id BLOB NOT NULL,
    PRIMARY KEY (from_id, field, to_id)
) WITHOUT ROWID;
CREATE INDEX object_refs_to_id_idx ON object_refs (to_id);

CREATE TABLE blueprint_instances (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    status TEXT NOT NULL,
    last_applied BIGINT,
    last_error TEXT,
    enabled BOOLEAN NOT NULL,
    context TEXT NOT NULL,
    metadata TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX blueprint_instances_name_key ON blueprint_instances (name);
CREATE INDEX blueprint_instances_path_idx ON blueprint_instances (path);
