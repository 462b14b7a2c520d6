//! Products and sellers that are simply there: inserted directly, past every rule but the schema's.

use access_token::Account;
use commerce_types::{Folded, ProductId};
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use service_runtime::{Clock, Ids};

/// A product of a seller who may sell: on sale, in stock, in `home`, for 1,000 dinars.
pub(crate) struct ProductBuilder {
    seller: Account,
    seller_may_sell: bool,
    name: String,
    brand: Option<String>,
    description: Option<String>,
    category: String,
    price: i64,
    status: String,
    stock: i32,
    switched_on: bool,
    images: Vec<String>,
    age_seconds: i64,
}

impl ProductBuilder {
    pub(crate) fn new() -> Self {
        Self {
            seller: test_support::seller(),
            seller_may_sell: true,
            name: "Théière en cuivre".to_owned(),
            brand: None,
            description: None,
            category: "home".to_owned(),
            price: 100_000,
            status: "active".to_owned(),
            stock: 10,
            switched_on: true,
            images: Vec::new(),
            age_seconds: 0,
        }
    }

    pub(crate) fn seller(mut self, seller: &Account) -> Self {
        self.seller = seller.clone();
        self
    }

    /// The seller was switched off, or is not approved any more.
    pub(crate) fn seller_off(mut self) -> Self {
        self.seller_may_sell = false;
        self
    }

    pub(crate) fn name(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }

    pub(crate) fn brand(mut self, brand: &str) -> Self {
        self.brand = Some(brand.to_owned());
        self
    }

    pub(crate) fn description(mut self, description: &str) -> Self {
        self.description = Some(description.to_owned());
        self
    }

    pub(crate) fn category(mut self, category: &str) -> Self {
        self.category = category.to_owned();
        self
    }

    /// Centimes.
    pub(crate) fn price(mut self, price: i64) -> Self {
        self.price = price;
        self
    }

    pub(crate) fn status(mut self, status: &str) -> Self {
        self.status = status.to_owned();
        self
    }

    pub(crate) fn stock(mut self, stock: i32) -> Self {
        self.stock = stock;
        self
    }

    /// The seller took it off sale.
    pub(crate) fn switched_off(mut self) -> Self {
        self.switched_on = false;
        self
    }

    pub(crate) fn images(mut self, urls: &[&str]) -> Self {
        self.images = urls.iter().map(|url| (*url).to_owned()).collect();
        self
    }

    /// Created so long ago.
    pub(crate) fn age(mut self, seconds: i64) -> Self {
        self.age_seconds = seconds;
        self
    }

    /// Units, and whether the seller has them on sale.
    pub(crate) fn stock_row(&self) -> (i32, bool) {
        (self.stock, self.switched_on)
    }

    pub(crate) async fn insert(&self, conn: &mut AsyncPgConnection) -> ProductId {
        let id: ProductId = Ids.next();
        let created_at = Clock::system().now() - chrono::TimeDelta::seconds(self.age_seconds);
        insert_seller(conn, &self.seller, self.seller_may_sell).await;
        diesel::sql_query(
            "INSERT INTO products (id, seller_id, slug, name, name_folded, price, category, brand, brand_folded, \
               description, min_order_quantity, seller_category, is_new, is_promo, benefits, tags, status, version, \
               created_at, updated_at, seller_may_sell) \
             VALUES ($1, $2, 'slug-' || $1, $3, $4, $5, $6, $7, $8, $9, 1, $10, false, false, '{}', '{}', $11, 1, \
               $12, $12, $13)",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(self.seller.user_id)
        .bind::<Text, _>(&self.name)
        .bind::<Text, _>(Folded::new(&self.name))
        .bind::<BigInt, _>(self.price)
        .bind::<Text, _>(&self.category)
        .bind::<Nullable<Text>, _>(&self.brand)
        .bind::<Nullable<Text>, _>(self.brand.as_deref().map(Folded::new))
        .bind::<Nullable<Text>, _>(&self.description)
        .bind::<Text, _>(self.seller.seller_category.unwrap_or(commerce_types::SellerCategory::Fournisseur))
        .bind::<Text, _>(&self.status)
        .bind::<Timestamptz, _>(created_at)
        .bind::<Bool, _>(self.seller_may_sell)
        .execute(conn)
        .await
        .unwrap();
        diesel::sql_query(
            "INSERT INTO shown_stock (product_id, free, switched_on, version, updated_at) VALUES ($1, $2, $3, 1, $4)",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Integer, _>(self.stock)
        .bind::<Bool, _>(self.switched_on)
        .bind::<Timestamptz, _>(created_at)
        .execute(conn)
        .await
        .unwrap();
        let fields = [("1A", Some(&self.name)), ("2B", self.brand.as_ref()), ("3C", self.description.as_ref())];
        insert_words(conn, id, &fields).await;
        for (position, url) in (0..).zip(&self.images) {
            diesel::sql_query(
                "INSERT INTO product_images (id, product_id, image_url, is_primary, display_order, created_at) \
                 VALUES ($1, $2, $3, $4, $5, now())",
            )
            .bind::<SqlUuid, _>(Ids.next::<uuid::Uuid>())
            .bind::<SqlUuid, _>(id)
            .bind::<Text, _>(url)
            .bind::<Bool, _>(position == 0)
            .bind::<Integer, _>(position)
            .execute(conn)
            .await
            .unwrap();
        }
        id
    }
}

/// Words of name and brand stand with what is left of them without their first letters, those of the name once more.
async fn insert_words(conn: &mut AsyncPgConnection, id: ProductId, fields: &[(&str, Option<&String>)]) {
    let mut lexemes = Vec::new();
    let mut known = Vec::new();
    for (place, text) in fields {
        for word in Folded::new(text.map_or("", |text| text.as_str())).words() {
            lexemes.push(format!("'{word}':{place}"));
            if *place != "3C" {
                let tails = word.char_indices().skip(1).map(|(start, _)| &word[start..]);
                lexemes.extend(tails.filter(|it| it.chars().count() > 2).map(|tail| format!("'-{tail}':{place}")));
                known.push(word.to_owned());
            }
            if *place == "1A" {
                lexemes.push(format!("'+{word}':{place}"));
            }
        }
    }
    diesel::sql_query(
        "INSERT INTO product_words (product_id, on_sale, created_at, words) \
         SELECT id, on_sale, created_at, $2::text::tsvector FROM products WHERE id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(lexemes.join(" "))
    .execute(conn)
    .await
    .unwrap();
    diesel::sql_query("INSERT INTO vocabulary (word) SELECT DISTINCT unnest($1) ON CONFLICT DO NOTHING")
        .bind::<Array<Text>, _>(known)
        .execute(conn)
        .await
        .unwrap();
    diesel::sql_query(
        "INSERT INTO brands (folded, words) SELECT brand_folded, strip(ts_filter(words, '{b}')) \
         FROM products JOIN product_words ON product_id = id WHERE id = $1 AND brand_folded <> '' \
         ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(id)
    .execute(conn)
    .await
    .unwrap();
}

/// A copy of version 1.
pub(crate) async fn insert_seller(conn: &mut AsyncPgConnection, seller: &Account, may_sell: bool) {
    diesel::sql_query(
        "INSERT INTO sellers (id, full_name, seller_category, is_verified, may_sell, version) \
         VALUES ($1, $2, $3, $4, $5, 1) ON CONFLICT (id) DO NOTHING",
    )
    .bind::<SqlUuid, _>(seller.user_id)
    .bind::<Text, _>(&seller.full_name)
    .bind::<Nullable<Text>, _>(seller.seller_category)
    .bind::<Bool, _>(seller.is_verified)
    .bind::<Bool, _>(may_sell)
    .execute(conn)
    .await
    .unwrap();
}
