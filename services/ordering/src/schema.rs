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
    order_counts (id) {
        id -> Int8,
        seller_id -> Uuid,
        kind -> Text,
        status -> Text,
        payment_status -> Text,
        orders -> Int8,
    }
}

diesel::table! {
    order_history (order_id, version) {
        order_id -> Uuid,
        version -> Int8,
        id -> Uuid,
        from_status -> Nullable<Text>,
        to_status -> Text,
        payment_status -> Text,
        actor -> Text,
        actor_id -> Nullable<Uuid>,
        note -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    order_items (order_id, position) {
        order_id -> Uuid,
        position -> Int2,
        id -> Uuid,
        product_id -> Nullable<Uuid>,
        product_name -> Text,
        product_image -> Nullable<Text>,
        quantity -> Int4,
        price -> Int8,
        subtotal -> Int8,
    }
}

diesel::table! {
    orders (id) {
        id -> Uuid,
        order_number -> Text,
        kind -> Text,
        checkout_id -> Nullable<Uuid>,
        b2b_offer_id -> Nullable<Uuid>,
        b2b_response_id -> Nullable<Uuid>,
        user_id -> Nullable<Uuid>,
        seller_id -> Uuid,
        customer_name -> Text,
        customer_name_folded -> Text,
        customer_email -> Nullable<Text>,
        customer_phone -> Nullable<Text>,
        customer_wilaya -> Nullable<Text>,
        customer_commune -> Nullable<Text>,
        shipping_address -> Nullable<Text>,
        delivery_type -> Text,
        subtotal -> Int8,
        shipping_cost -> Int8,
        total -> Int8,
        status -> Text,
        payment_method -> Text,
        payment_status -> Text,
        delivery_at -> Nullable<Timestamptz>,
        tracking_number -> Nullable<Text>,
        notes -> Nullable<Text>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        wiped_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    stock (product_id) {
        product_id -> Uuid,
        seller_id -> Uuid,
        free -> Int4,
        switched_on -> Bool,
        version -> Int8,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    stock_ledger (product_id, version) {
        product_id -> Uuid,
        version -> Int8,
        delta -> Int4,
        free_after -> Int4,
        reason -> Text,
        order_id -> Nullable<Uuid>,
        change_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    wilayas (code) {
        code -> Int4,
        name -> Text,
        name_folded -> Text,
        name_ar -> Text,
        home_fee -> Int8,
        office_fee -> Int8,
        active -> Bool,
    }
}

diesel::joinable!(order_history -> orders (order_id));
diesel::joinable!(order_items -> orders (order_id));

diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    order_counts,
    order_history,
    order_items,
    orders,
    stock,
    stock_ledger,
    wilayas,
);
