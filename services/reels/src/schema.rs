//! Printed from the migrated database by `make schema`; never edited.

diesel::table! {
    accounts (id) {
        id -> Uuid,
        full_name -> Text,
        avatar_url -> Nullable<Text>,
        seller_category -> Nullable<Text>,
        is_verified -> Bool,
        version -> Int8,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    feed_counts (id) {
        id -> Int8,
        status -> Text,
        is_public -> Bool,
        reels -> Int8,
    }
}

diesel::table! {
    named_videos (product_id) {
        product_id -> Uuid,
        video_url -> Text,
        version -> Int8,
        looked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    products (id) {
        id -> Uuid,
        seller_id -> Uuid,
        slug -> Text,
        name -> Text,
        price -> Int8,
        original_price -> Nullable<Int8>,
        image_url -> Nullable<Text>,
        in_stock -> Bool,
        on_sale -> Bool,
        version -> Int8,
        stock_version -> Int8,
        heard -> Int8,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    reel_comments (id) {
        id -> Uuid,
        reel_id -> Uuid,
        user_id -> Uuid,
        content -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    reel_counts (reel_id) {
        reel_id -> Uuid,
        likes -> Int8,
        comments -> Int8,
        views -> Int8,
    }
}

diesel::table! {
    reel_likes (reel_id, user_id) {
        reel_id -> Uuid,
        user_id -> Uuid,
        id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    reels (id) {
        id -> Uuid,
        product_id -> Uuid,
        seller_id -> Uuid,
        caption -> Nullable<Text>,
        status -> Text,
        video_url -> Nullable<Text>,
        video_path -> Nullable<Text>,
        thumbnail_url -> Nullable<Text>,
        thumbnail_path -> Nullable<Text>,
        duration_ms -> Nullable<Int8>,
        size_bytes -> Nullable<Int8>,
        width -> Nullable<Int4>,
        height -> Nullable<Int4>,
        error_code -> Nullable<Text>,
        is_public -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        upload_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    view_drains (batch_id) {
        batch_id -> Uuid,
        drained_at -> Timestamptz,
    }
}

diesel::joinable!(reel_comments -> reel_counts (reel_id));
diesel::joinable!(reel_counts -> reels (reel_id));
diesel::joinable!(reel_likes -> reel_counts (reel_id));
diesel::joinable!(reels -> accounts (seller_id));
diesel::joinable!(reels -> products (product_id));

diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    feed_counts,
    named_videos,
    products,
    reel_comments,
    reel_counts,
    reel_likes,
    reels,
    view_drains,
);
