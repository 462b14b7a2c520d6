//! Printed from the migrated database by `make schema`; never edited.

diesel::table! {
    cart_items (id) {
        id -> Uuid,
        user_id -> Uuid,
        product_id -> Uuid,
        seller_id -> Uuid,
        product_name -> Text,
        product_image -> Nullable<Text>,
        product_price -> Int8,
        quantity -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    carts (user_id) {
        user_id -> Uuid,
        lines -> Int4,
        gone_at -> Nullable<Timestamptz>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(cart_items, carts);
