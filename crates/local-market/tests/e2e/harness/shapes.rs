//! The members of each object of the contract, by name: no more and no less.

use serde_json::Value;

pub(crate) const PUBLIC_USER: &str = "id full_name avatar_url seller_category is_verified";
pub(crate) const ME: &str = "id email full_name role seller_category approval avatar_url phone is_verified created_at";
pub(crate) const PROFILE: &str = "id email full_name role seller_category approval avatar_url phone is_verified \
    created_at clerk_id wilaya bio is_active updated_at";
/// Of admins' lists: the profile, and when it was deleted.
pub(crate) const ADMIN_USER: &str = "id email full_name role seller_category approval avatar_url phone is_verified \
    created_at clerk_id wilaya bio is_active updated_at deleted_at";
pub(crate) const AUDIT_ENTRY: &str = "id actor_id actor action target_type target_id changes request_id created_at";
pub(crate) const SELLER: &str =
    "id full_name avatar_url seller_category is_verified wilaya bio products_count created_at";
pub(crate) const PRODUCT: &str = "id seller_id slug name price stock category description ingredients \
    usage_instructions brand sku product_type delivery_estimate shipping_info returns_info payment_info \
    exclusive_offers original_price min_order_quantity seller_category in_stock is_new is_promo countdown_end_date \
    benefits tags weight specifications images primary_image video_url status rating viewers_count version \
    created_at updated_at seller";
pub(crate) const IMAGE: &str = "id product_id image_url thumbnail_url is_primary display_order created_at";
pub(crate) const CATEGORY: &str = "id slug name_fr name_ar name_en display_order is_active products_count";
pub(crate) const BRAND: &str = "name products_count";
pub(crate) const SUGGESTION: &str = "type text id slug image_url";
pub(crate) const CART_ITEM: &str = "id user_id product_id seller_id product_name product_image product_price quantity \
    product current_price price_changed available in_stock orderable subtotal created_at updated_at";
pub(crate) const SUMMARY: &str = "subtotal total_items items_count sellers_count";
/// As buyers see it in their own list; everywhere else `user` is there too.
pub(crate) const ORDER: &str = "id checkout_id user_id seller_id order_number kind b2b_offer_id b2b_response_id \
    customer_name customer_email customer_phone customer_wilaya customer_commune shipping_address customer_address \
    delivery_type subtotal shipping_cost total status payment_method payment_status delivery_date tracking_number \
    notes created_at updated_at items seller";
pub(crate) const ORDER_ITEM: &str =
    "id order_id product_id product_name product_image quantity price subtotal created_at";
pub(crate) const STEP: &str = "id from_status to_status payment_status actor note created_at";
pub(crate) const TRACKED: &str = "order_number status payment_status payment_method delivery_type subtotal \
    shipping_cost total tracking_number delivery_date created_at updated_at items history seller";

pub(crate) const REEL: &str = "id product_id seller_id caption status video_url video_storage_path thumbnail_url \
    thumbnail_storage_path duration_seconds file_size_bytes width height likes_count comments_count views_count \
    is_liked product seller created_at updated_at";
pub(crate) const REEL_PRODUCT: &str = "id slug name price original_price primary_image in_stock";
pub(crate) const REEL_LIKE: &str = "id reel_id user_id created_at user";
pub(crate) const REEL_COMMENT: &str = "id reel_id user_id content created_at updated_at user";

/// Panics unless the object has these members exactly.
#[track_caller]
pub(crate) fn exactly(value: &Value, shape: &str) {
    let mut found: Vec<&str> =
        value.as_object().unwrap_or_else(|| panic!("no object: {value}")).keys().map(String::as_str).collect();
    let mut wanted: Vec<&str> = shape.split_whitespace().collect();
    found.sort_unstable();
    wanted.sort_unstable();
    let missing: Vec<_> = wanted.iter().filter(|name| !found.contains(name)).collect();
    let extra: Vec<_> = found.iter().filter(|name| !wanted.contains(name)).collect();
    assert!(missing.is_empty() && extra.is_empty(), "missing {missing:?}, not of the contract {extra:?}");
}

/// Two shapes together.
pub(crate) fn and(shape: &str, more: &str) -> String {
    format!("{shape} {more}")
}

/// Panics unless it is `2026-11-22T18:05:09.042Z`.
#[track_caller]
pub(crate) fn is_time(value: &Value) {
    let text = value.as_str().unwrap_or_else(|| panic!("no time: {value}"));
    let form: String = text.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    assert_eq!(form, "0000-00-00T00:00:00.000Z", "{text}");
}

/// Panics unless it is a lower-case UUID.
#[track_caller]
pub(crate) fn is_id(value: &Value) {
    let text = value.as_str().unwrap_or_else(|| panic!("no id: {value}"));
    assert_eq!(uuid::Uuid::parse_str(text).unwrap().to_string(), text);
}
