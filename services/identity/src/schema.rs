//! Printed from the migrated database by `make schema`; never edited.

diesel::table! {
    account_counts (id) {
        id -> Int8,
        role -> Text,
        seller_category -> Nullable<Text>,
        approval -> Nullable<Text>,
        is_verified -> Bool,
        is_active -> Bool,
        is_deleted -> Bool,
        accounts -> Int8,
    }
}

diesel::table! {
    audit (id) {
        id -> Uuid,
        actor_id -> Nullable<Uuid>,
        action -> Text,
        target_type -> Text,
        target_id -> Text,
        changes -> Jsonb,
        request_id -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    audit_counts (id) {
        id -> Int8,
        action -> Text,
        target_type -> Text,
        entries -> Int8,
    }
}

diesel::table! {
    push_tokens (token) {
        token -> Text,
        user_id -> Uuid,
        platform -> Nullable<Text>,
        registered_at -> Timestamptz,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        clerk_id -> Text,
        email -> Nullable<Text>,
        full_name -> Text,
        role -> Text,
        seller_category -> Nullable<Text>,
        approval -> Nullable<Text>,
        phone -> Nullable<Text>,
        wilaya -> Nullable<Text>,
        bio -> Nullable<Text>,
        avatar_url -> Nullable<Text>,
        is_verified -> Bool,
        is_active -> Bool,
        full_name_edited -> Bool,
        phone_edited -> Bool,
        avatar_url_edited -> Bool,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        name_words -> Text,
        wilaya_folded -> Nullable<Text>,
        is_switched_off -> Bool,
        is_banned -> Bool,
        clerk_updated_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    webhooks (svix_id) {
        svix_id -> Text,
        body_hash -> Bytea,
        clerk_id -> Nullable<Text>,
        body -> Nullable<Bytea>,
        received_at -> Timestamptz,
        applied_at -> Nullable<Timestamptz>,
        failures -> Int4,
        due_at -> Timestamptz,
    }
}

diesel::joinable!(push_tokens -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(account_counts, audit, audit_counts, push_tokens, users, webhooks);
