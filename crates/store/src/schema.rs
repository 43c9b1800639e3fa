//! The tables, as both migrations make them; a test compares them with what the databases say.

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    settings (key) {
        key -> Text,
        value -> Text,
        updated -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    counters (name) {
        name -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    changes (id) {
        id -> Guid,
        origin -> Guid,
        kind -> Text,
        subject -> Binary,
        created -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    schedules (name) {
        name -> Text,
        next_run -> BigInt,
        lease_owner -> Nullable<Text>,
        lease_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    users (id) {
        id -> Guid,
        pk -> BigInt,
        username -> Text,
        username_lower -> Text,
        name -> Text,
        email -> Text,
        email_lower -> Text,
        upn_lower -> Nullable<Text>,
        is_active -> Bool,
        password -> Nullable<Text>,
        password_change_date -> Nullable<BigInt>,
        last_login -> Nullable<BigInt>,
        date_joined -> BigInt,
        last_updated -> BigInt,
        path -> Text,
        user_type -> Text,
        attributes -> Text,
        name_lower -> Text,
        words -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    groups (id) {
        id -> Guid,
        name -> Text,
        is_superuser -> Bool,
        attributes -> Text,
        words -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    group_parents (group_id, parent_id) {
        group_id -> Guid,
        parent_id -> Guid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    group_members (group_id, user_id) {
        group_id -> Guid,
        user_id -> Guid,
        sort_key -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    config_objects (id) {
        id -> Guid,
        family -> Text,
        kind -> Text,
        name -> Text,
        managed -> Nullable<Text>,
        config -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    flows (id) {
        id -> Guid,
        name -> Text,
        slug -> Text,
        title -> Text,
        designation -> Text,
        authentication -> Text,
        denied_action -> Text,
        layout -> Text,
        background -> Text,
        compatibility_mode -> Bool,
        policy_engine_mode -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    flow_stage_bindings (id) {
        id -> Guid,
        target_id -> Guid,
        stage_id -> Guid,
        sort_order -> Integer,
        evaluate_on_plan -> Bool,
        re_evaluate_policies -> Bool,
        invalid_response_action -> Text,
        policy_engine_mode -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    policy_bindings (id) {
        id -> Guid,
        target_id -> Guid,
        policy_id -> Nullable<Guid>,
        group_id -> Nullable<Guid>,
        user_id -> Nullable<Guid>,
        enabled -> Bool,
        negate -> Bool,
        sort_order -> Integer,
        timeout -> Integer,
        failure_result -> Bool,
        expires -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    providers (id) {
        id -> Guid,
        pk -> BigInt,
        kind -> Text,
        name -> Text,
        client_id -> Nullable<Text>,
        authentication_flow_id -> Nullable<Guid>,
        authorization_flow_id -> Nullable<Guid>,
        invalidation_flow_id -> Nullable<Guid>,
        property_mappings -> Text,
        config -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    applications (id) {
        id -> Guid,
        name -> Text,
        slug -> Text,
        group_name -> Text,
        provider_id -> Nullable<Guid>,
        meta_launch_url -> Text,
        meta_icon -> Text,
        meta_description -> Text,
        meta_publisher -> Text,
        meta_hide -> Bool,
        open_in_new_tab -> Bool,
        policy_engine_mode -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    brands (id) {
        id -> Guid,
        domain -> Text,
        is_default -> Bool,
        branding_title -> Text,
        branding_logo -> Text,
        branding_favicon -> Text,
        branding_custom_css -> Text,
        branding_default_flow_background -> Text,
        flow_authentication_id -> Nullable<Guid>,
        flow_invalidation_id -> Nullable<Guid>,
        flow_recovery_id -> Nullable<Guid>,
        flow_unenrollment_id -> Nullable<Guid>,
        flow_user_settings_id -> Nullable<Guid>,
        flow_device_code_id -> Nullable<Guid>,
        default_application_id -> Nullable<Guid>,
        attributes -> Text,
        client_certificates -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    key_pairs (id) {
        id -> Guid,
        name -> Text,
        managed -> Nullable<Text>,
        algorithm -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    key_versions (id) {
        id -> Guid,
        key_pair_id -> Guid,
        kid -> Text,
        certificate -> Text,
        private_key -> Binary,
        created -> BigInt,
        activates -> BigInt,
        retires -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    blueprint_objects (instance_id, object_id) {
        instance_id -> Guid,
        object_id -> Guid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    object_refs (from_id, field, to_id) {
        from_kind -> Text,
        from_id -> Guid,
        field -> Text,
        to_id -> Guid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    blueprint_instances (id) {
        id -> Guid,
        name -> Text,
        path -> Text,
        content_hash -> Text,
        status -> Text,
        last_applied -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        enabled -> Bool,
        context -> Text,
        metadata -> Text,
        content -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    sessions (key) {
        key -> Binary,
        id -> Guid,
        user_id -> Guid,
        created -> BigInt,
        authenticated_at -> BigInt,
        last_used -> BigInt,
        expires -> BigInt,
        auth_method -> Text,
        auth_method_args -> Text,
        last_ip -> Text,
        last_user_agent -> Text,
        impersonator -> Nullable<Text>,
        impersonator_id -> Nullable<Guid>,
        binding -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    flow_plans (key) {
        key -> Binary,
        plan_id -> Guid,
        step -> Integer,
        state -> Binary,
        expires -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    grants (id) {
        id -> Guid,
        provider_id -> Guid,
        user_id -> Guid,
        session_id -> Nullable<Guid>,
        scope -> Text,
        auth_time -> BigInt,
        nonce -> Nullable<Text>,
        auth_method -> Text,
        created -> BigInt,
        refresh_generation -> Integer,
        refresh_key -> Nullable<Binary>,
        expires -> BigInt,
        revoked -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    authorization_codes (key) {
        key -> Binary,
        grant_id -> Guid,
        provider_id -> Guid,
        redirect_uri -> Text,
        code_challenge -> Nullable<Text>,
        expires -> BigInt,
        consumed -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    tokens (id) {
        id -> Guid,
        identifier -> Text,
        key -> Binary,
        intent -> Text,
        user_id -> Guid,
        description -> Text,
        expires -> Nullable<BigInt>,
        managed -> Nullable<Text>,
        created -> BigInt,
        last_used -> Nullable<BigInt>,
        permissions -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    consents (id) {
        id -> Guid,
        user_id -> Guid,
        application_id -> Guid,
        permissions -> Text,
        expires -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    throttles (key) {
        key -> Binary,
        failures -> Integer,
        window_start -> BigInt,
        locked_until -> Nullable<BigInt>,
        expires -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    events (id) {
        id -> Guid,
        action -> Text,
        app -> Text,
        user_info -> Nullable<Text>,
        user_pk -> Nullable<BigInt>,
        context -> Text,
        client_ip -> Nullable<Text>,
        created -> BigInt,
        expires -> BigInt,
        model -> Nullable<Text>,
        object_id -> Nullable<Guid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    event_hours (hour, action) {
        hour -> BigInt,
        action -> Text,
        number -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    application_counts (hours, part, application_id) {
        hours -> BigInt,
        part -> BigInt,
        application_id -> Guid,
        number -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    application_ranks (hours, application_id) {
        hours -> BigInt,
        application_id -> Guid,
        number -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    jobs (id) {
        id -> Guid,
        kind -> Text,
        payload -> Text,
        state -> Text,
        run_at -> BigInt,
        attempts -> Integer,
        lease_owner -> Nullable<Text>,
        lease_until -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        created -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    roles (id) {
        id -> Guid,
        name -> Text,
        managed -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    role_permissions (role_id, permission, object_id) {
        role_id -> Guid,
        permission -> Text,
        object_id -> Guid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    role_groups (role_id, group_id) {
        role_id -> Guid,
        group_id -> Guid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    role_users (role_id, user_id) {
        role_id -> Guid,
        user_id -> Guid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    revisions (id) {
        id -> Guid,
        model -> Text,
        object_id -> Guid,
        created -> BigInt,
        user_info -> Nullable<Text>,
        user_pk -> Nullable<BigInt>,
        action -> Text,
        document -> Text,
        diff -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    search_words (kind, word, sort_key, object_id) {
        kind -> SmallInt,
        word -> Text,
        sort_key -> Text,
        object_id -> Guid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    reputations (id) {
        id -> Guid,
        identifier -> Text,
        ip -> Text,
        score -> Integer,
        place -> Text,
        network -> Text,
        updated -> BigInt,
        expires -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    password_history (id) {
        id -> Guid,
        user_id -> Guid,
        hash -> Text,
        replaced -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    invitations (id) {
        id -> Guid,
        name -> Text,
        flow_id -> Nullable<Guid>,
        created_by -> Nullable<Guid>,
        created -> BigInt,
        expires -> Nullable<BigInt>,
        single_use -> Bool,
        fixed_data -> Text,
        mailed -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::Guid;

    notifications (id) {
        id -> Guid,
        user_id -> Guid,
        severity -> Text,
        body -> Text,
        hyperlink -> Nullable<Text>,
        hyperlink_label -> Nullable<Text>,
        created -> BigInt,
        event_id -> Nullable<Guid>,
        action -> Nullable<Text>,
        seen -> Bool,
        expires -> BigInt,
    }
}

diesel::joinable!(group_parents -> groups (parent_id));
diesel::joinable!(group_members -> users (user_id));
diesel::joinable!(blueprint_objects -> blueprint_instances (instance_id));
diesel::allow_tables_to_appear_in_same_query!(blueprint_objects, blueprint_instances);
diesel::allow_tables_to_appear_in_same_query!(
    users,
    groups,
    group_members,
    group_parents,
    role_groups,
    role_users,
    search_words,
);
