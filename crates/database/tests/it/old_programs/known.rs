//! What later migrations do beside adding, each with why the programs of the release before bear it.

/// Migration, what it does, why it may.
pub(super) const KNOWN: [(&str, &str, &str); 28] = [
    (
        "identity/20261127110001_create_push_tokens",
        "constraint push_tokens_user keeps rows of users from being deleted",
        "no program deletes an account's row: it becomes a tombstone",
    ),
    (
        "identity/20261127110002_create_webhooks",
        "trigger users.users_follow_is_active is new",
        "it refuses nothing, and acts on what programs write that do not know `is_switched_off`",
    ),
    (
        "identity/20261127110003_erase_accounts",
        "constraint users_erased refuses rows of users",
        "no program of the release before deletes accounts",
    ),
    (
        "catalog/20261127000003_follow_what_is_on_sale",
        "trigger product_words.product_words_complete is new",
        "it refuses nothing, and acts on what programs write that do not know `on_sale`",
    ),
    (
        "catalog/20261127000003_follow_what_is_on_sale",
        "constraint product_words_complete refuses rows of product_words",
        "the trigger product_words_complete fills what is missing",
    ),
    (
        "catalog/20261127000003_follow_what_is_on_sale",
        "constraint product_words_on_sale refuses rows of product_words",
        "words refer to their product as before, and it carries its changes along",
    ),
    (
        "catalog/20261127000003_follow_what_is_on_sale",
        "product_words and products are locked together",
        "a reference needs both; products first, as in every program",
    ),
    ("catalog/20261127000005_need_what_is_on_sale", "column product_words.on_sale must be filled", FILLED),
    ("catalog/20261127000005_need_what_is_on_sale", "column product_words.on_sale refuses NULL", FILLED),
    ("catalog/20261127000005_need_what_is_on_sale", "column product_words.created_at must be filled", FILLED),
    ("catalog/20261127000005_need_what_is_on_sale", "column product_words.created_at refuses NULL", FILLED),
    (
        "catalog/20261127000008_list_brands",
        "function complete_words() is another",
        "it also lists the brands that programs write that do not know `brands`",
    ),
    (
        "catalog/20261127000011_administer_categories",
        "constraint categories_deleted refuses rows of categories",
        "no program of the release before writes categories",
    ),
    (
        "catalog/20261127000011_administer_categories",
        "constraint categories_deleted reads all of categories at once",
        "there are twenty",
    ),
    (
        "catalog/20261127000013_drop_inside_words",
        "index vocabulary_inside is gone",
        "who looks inside words reads all of them then: for the time of a rollout, and no less is found",
    ),
    (
        "cart/20261127110001_keep_gone_carts_empty",
        "function count_added_lines() is another",
        "it refuses lines of an account that is deleted, which no program of the release before does",
    ),
    ("catalog/20261128020001_count_products_on_sale", "trigger products.products_changed is new", COUNTED),
    ("catalog/20261128020001_count_products_on_sale", "trigger products.products_gone is new", COUNTED),
    ("catalog/20261128020001_count_products_on_sale", "trigger products.products_written is new", COUNTED),
    (
        "catalog/20261128020003_drop_brand_spellings",
        "index products_brand_spelling is gone",
        "who counts brands reads all products then, at most once in a minute: for the time of a rollout",
    ),
    ("identity/20261128140001_count_audit", "trigger audit.audit_written is new", COUNTED),
    ("identity/20261128020001_count_accounts", "trigger users.users_changed is new", COUNTED),
    ("identity/20261128020001_count_accounts", "trigger users.users_gone is new", COUNTED),
    ("identity/20261128020001_count_accounts", "trigger users.users_written is new", COUNTED),
    ("ordering/20261128020001_count_orders", "trigger orders.orders_changed is new", COUNTED),
    ("ordering/20261128020001_count_orders", "trigger orders.orders_gone is new", COUNTED),
    ("ordering/20261128020001_count_orders", "trigger orders.orders_written is new", COUNTED),
    (
        "ordering/20261128130003_drop_names_alone",
        "index orders_by_name is gone",
        "names are found through the one that holds sellers too, by the same condition",
    ),
];

const COUNTED: &str = "it refuses nothing, and counts what programs write that do not count themselves";
const FILLED: &str = "the trigger product_words_complete has filled it since 20261127000003";
