//! Printed from the migrated database by `make schema`; never edited.

diesel::table! {
    brand_counts (id) {
        id -> Int8,
        brand_folded -> Text,
        brand -> Text,
        category -> Text,
        products -> Int8,
    }
}

diesel::table! {
    brands (folded) {
        folded -> Text,
        // `words` is a tsvector: queries name it themselves.
    }
}

diesel::table! {
    categories (id) {
        id -> Uuid,
        slug -> Text,
        name_fr -> Text,
        name_ar -> Text,
        name_en -> Text,
        display_order -> Int4,
        is_active -> Bool,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    linked_uploads (upload_id) {
        upload_id -> Uuid,
        linked_at -> Timestamptz,
        was_refused -> Bool,
    }
}

diesel::table! {
    price_counts (id) {
        id -> Int8,
        category -> Text,
        seller_category -> Text,
        price_step -> Int8,
        products -> Int8,
    }
}

diesel::table! {
    product_images (id) {
        id -> Uuid,
        product_id -> Uuid,
        image_url -> Text,
        thumbnail_url -> Nullable<Text>,
        is_primary -> Bool,
        display_order -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    product_words (product_id) {
        product_id -> Uuid,
        // `words` is a tsvector: queries name it themselves.
        on_sale -> Bool,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    products (id) {
        id -> Uuid,
        seller_id -> Uuid,
        slug -> Text,
        name -> Text,
        name_folded -> Text,
        price -> Int8,
        category -> Text,
        description -> Nullable<Text>,
        ingredients -> Nullable<Text>,
        usage_instructions -> Nullable<Text>,
        brand -> Nullable<Text>,
        brand_folded -> Nullable<Text>,
        sku -> Nullable<Text>,
        product_type -> Nullable<Text>,
        delivery_estimate -> Nullable<Text>,
        shipping_info -> Nullable<Text>,
        returns_info -> Nullable<Text>,
        payment_info -> Nullable<Text>,
        exclusive_offers -> Nullable<Text>,
        original_price -> Nullable<Int8>,
        min_order_quantity -> Int4,
        seller_category -> Text,
        is_new -> Bool,
        is_promo -> Bool,
        countdown_end_at -> Nullable<Timestamptz>,
        benefits -> Array<Text>,
        tags -> Array<Text>,
        weight_grams -> Nullable<Int8>,
        specifications -> Nullable<Text>,
        video_url -> Nullable<Text>,
        status -> Text,
        rating_hundredths -> Nullable<Int4>,
        viewers_count -> Int8,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        seller_may_sell -> Bool,
        on_sale -> Bool,
    }
}

diesel::table! {
    sellers (id) {
        id -> Uuid,
        full_name -> Text,
        avatar_url -> Nullable<Text>,
        seller_category -> Nullable<Text>,
        is_verified -> Bool,
        may_sell -> Bool,
        version -> Int8,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    shown_stock (product_id) {
        product_id -> Uuid,
        free -> Int4,
        switched_on -> Bool,
        in_stock -> Bool,
        version -> Int8,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    view_drains (batch_id) {
        batch_id -> Uuid,
        drained_at -> Timestamptz,
    }
}

diesel::table! {
    vocabulary (word) {
        word -> Text,
    }
}

diesel::joinable!(product_images -> products (product_id));
diesel::joinable!(products -> sellers (seller_id));
diesel::joinable!(shown_stock -> products (product_id));

diesel::allow_tables_to_appear_in_same_query!(
    brand_counts,
    brands,
    categories,
    linked_uploads,
    price_counts,
    product_images,
    product_words,
    products,
    sellers,
    shown_stock,
    view_drains,
    vocabulary,
);
