//! Printed from the migrated database by `make schema`; never edited.

diesel::table! {
    doomed_objects (key) {
        key -> Text,
        due_at -> Timestamptz,
    }
}

diesel::table! {
    receipts (upload_id) {
        upload_id -> Uuid,
        owner_id -> Uuid,
        size_bytes -> Int8,
        received_at -> Timestamptz,
    }
}

diesel::table! {
    uploads (id) {
        id -> Uuid,
        owner_id -> Uuid,
        kind -> Text,
        product_id -> Nullable<Uuid>,
        is_primary -> Nullable<Bool>,
        display_order -> Nullable<Int4>,
        status -> Text,
        content_type -> Text,
        size_bytes -> Int8,
        secret -> Text,
        received_key -> Text,
        key -> Nullable<Text>,
        thumbnail_key -> Nullable<Text>,
        served_bytes -> Nullable<Int8>,
        width -> Nullable<Int4>,
        height -> Nullable<Int4>,
        duration_ms -> Nullable<Int8>,
        error_code -> Nullable<Text>,
        expires_at -> Nullable<Timestamptz>,
        received_at -> Nullable<Timestamptz>,
        served_at -> Nullable<Timestamptz>,
        due_at -> Nullable<Timestamptz>,
        attempts -> Int4,
        ask_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(doomed_objects, receipts, uploads);
