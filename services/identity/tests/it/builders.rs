//! Accounts as a test needs them, inserted directly.

use access_token::Account;
use commerce_types::{Approval, Folded, Role, SellerCategory, UserId};
use diesel::sql_types::{Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use service_runtime::Ids;
use test_support::TestDatabase;

/// An account; a customer that has told nothing, unless said otherwise.
pub(crate) struct UserBuilder<'a> {
    database: &'a TestDatabase,
    account: Account,
    clerk_id: String,
    email: Option<String>,
    phone: Option<String>,
    wilaya: Option<String>,
    bio: Option<String>,
    is_active: bool,
    is_deleted: bool,
    created_at: chrono::DateTime<chrono::Utc>,
}

impl<'a> UserBuilder<'a> {
    pub(crate) fn new(database: &'a TestDatabase) -> Self {
        let id: UserId = Ids.next();
        Self {
            database,
            account: Account { user_id: id, full_name: "Amina Haddad".to_owned(), ..test_support::customer() },
            clerk_id: format!("user_{id}"),
            email: None,
            phone: None,
            wilaya: None,
            bio: None,
            is_active: true,
            is_deleted: false,
            created_at: service_runtime::Clock::system().now(),
        }
    }

    pub(crate) fn clerk_id(mut self, clerk_id: &str) -> Self {
        self.clerk_id = clerk_id.to_owned();
        self
    }

    pub(crate) fn email(mut self, email: &str) -> Self {
        self.email = Some(email.to_owned());
        self
    }

    pub(crate) fn phone(mut self, phone: &str) -> Self {
        self.phone = Some(phone.to_owned());
        self
    }

    pub(crate) fn name(mut self, full_name: &str) -> Self {
        self.account.full_name = full_name.to_owned();
        self
    }

    pub(crate) fn role(mut self, role: Role) -> Self {
        self.account.role = role;
        self
    }

    pub(crate) fn seller(mut self, category: SellerCategory) -> Self {
        self.account.role = Role::Seller;
        self.account.seller_category = Some(category);
        self.account.approval = Some(Approval::Approved);
        self
    }

    pub(crate) fn approval(mut self, approval: Approval) -> Self {
        self.account.approval = Some(approval);
        self
    }

    pub(crate) fn verified(mut self) -> Self {
        self.account.is_verified = true;
        self
    }

    pub(crate) fn wilaya(mut self, wilaya: &str) -> Self {
        self.wilaya = Some(wilaya.to_owned());
        self
    }

    pub(crate) fn bio(mut self, bio: &str) -> Self {
        self.bio = Some(bio.to_owned());
        self
    }

    pub(crate) fn inactive(mut self) -> Self {
        self.is_active = false;
        self
    }

    pub(crate) fn deleted(mut self) -> Self {
        self.is_deleted = true;
        self
    }

    pub(crate) fn created_days_ago(mut self, days: i64) -> Self {
        self.created_at -= chrono::TimeDelta::days(days);
        self
    }

    /// The account as its token says it.
    pub(crate) async fn insert(mut self) -> Account {
        if self.is_deleted {
            self.account.full_name = "Deleted user".to_owned();
        }
        let words: String = Folded::new(&self.account.full_name).words().flat_map(|word| [" ", word]).collect();
        diesel::sql_query(
            "INSERT INTO users (id, clerk_id, full_name, role, seller_category, approval, wilaya, wilaya_folded, bio, \
               is_verified, is_active, is_switched_off, created_at, deleted_at, name_words, email, phone) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NOT $11, $12, CASE WHEN $13 THEN now() END, $14, \
               $15, $16)",
        )
        .bind::<SqlUuid, _>(self.account.user_id)
        .bind::<Text, _>(&self.clerk_id)
        .bind::<Text, _>(&self.account.full_name)
        .bind::<Text, _>(self.account.role)
        .bind::<Nullable<Text>, _>(self.account.seller_category)
        .bind::<Nullable<Text>, _>(self.account.approval)
        .bind::<Nullable<Text>, _>(&self.wilaya)
        .bind::<Nullable<Text>, _>(self.wilaya.as_deref().map(Folded::new))
        .bind::<Nullable<Text>, _>(&self.bio)
        .bind::<Bool, _>(self.account.is_verified)
        .bind::<Bool, _>(self.is_active)
        .bind::<Timestamptz, _>(self.created_at)
        .bind::<Bool, _>(self.is_deleted)
        .bind::<Text, _>(words)
        .bind::<Nullable<Text>, _>(&self.email)
        .bind::<Nullable<Text>, _>(&self.phone)
        .execute(&mut self.database.conn().await)
        .await
        .unwrap();
        self.account
    }
}
