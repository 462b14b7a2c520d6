//! Accounts: made as the first request with a token makes them, then told what they are.

use access_token::{Account, Caller};
use commerce_types::{Approval, Role, SellerCategory};
use protocol::convert::{Malformed, choice, optional_choice, parse};
use protocol::identity::v1::{
    ChangeAccountRequest, ChooseRoleRequest, ResolveCallerRequest, ResolveCallerResponse, UpdateProfileRequest,
};
use protocol::types::v1 as types;
use protocol::types::v1::TextChange;

use super::files::Pictures;
use super::services::{SeedError, Services, caller};
use crate::clerk;
use crate::demo::{self, DEMO_ADMIN, Person, Picture, Seller, person};

/// The admin, whom only an operator can appoint.
pub(super) async fn admin(services: &Services, config: &standalone::Config) -> Result<Account, SeedError> {
    standalone::appoint_admin(config, &clerk::user_id(DEMO_ADMIN)).await?;
    let admin = person(DEMO_ADMIN).ok_or(SeedError::Unreadable("the demo market"))?;
    account(services, &admin).await
}

/// The account of a person, with what Clerk says of it.
pub(super) async fn account(services: &Services, person: &Person) -> Result<Account, SeedError> {
    let request = ResolveCallerRequest {
        clerk_id: clerk::user_id(&person.user),
        name: Some(person.full_name.clone()),
        email: Some(person.email.clone()),
        picture: Some(person.avatar_url.clone()),
    };
    let gateway = Caller::service("gateway");
    let answer = services
        .ask(&person.user, &gateway, request, async |request| services.identity().resolve_caller(request).await)
        .await?;
    read(answer).map_err(|_malformed| SeedError::Unreadable("identity"))
}

/// Small: it is shown small, and there are many.
pub(super) fn face(place: usize, among: &str) -> Picture {
    Picture { seller: place, category: among.to_owned(), variant: 0, side: 160 }
}

/// The account of a person, who shows a picture of their own instead of Clerk's: nothing serves that one here.
pub(super) async fn account_with_face(
    services: &Services,
    pictures: &Pictures,
    person: &Person,
    face: &Picture,
) -> Result<Account, SeedError> {
    let new = account(services, person).await?;
    if new.avatar_url.as_ref() != Some(&person.avatar_url) {
        return Ok(new);
    }
    let avatar_url = Some(TextChange { value: Some(pictures.url(services, &new, face).await?) });
    let profile = UpdateProfileRequest { avatar_url, ..UpdateProfileRequest::default() };
    update_profile(services, &new, profile).await?;
    account(services, person).await
}

async fn update_profile(services: &Services, who: &Account, profile: UpdateProfileRequest) -> Result<(), SeedError> {
    let (user, who) = (who.user_id.to_string(), caller(who));
    let updated = services.ask(&user, &who, profile, async |request| services.identity().update_profile(request).await);
    updated.await.map(drop)
}

/// A seller with its profile, approved whatever new sellers are, some with the badge.
pub(super) async fn seller(
    services: &Services,
    pictures: &Pictures,
    admin: &Account,
    (place, seller): (usize, &Seller),
) -> Result<Account, SeedError> {
    let user = &seller.person.user;
    let face = face(place, "sellers");
    let new = account_with_face(services, pictures, &seller.person, &face).await?;
    let category = match seller.category {
        demo::SellerCategory::Importateur => types::SellerCategory::Importateur,
        demo::SellerCategory::Grossiste => types::SellerCategory::Grossiste,
        demo::SellerCategory::Fournisseur => types::SellerCategory::Fournisseur,
    };
    if new.role == Role::Customer {
        let choice = ChooseRoleRequest { role: types::Role::Seller.into(), seller_category: Some(category.into()) };
        services
            .ask(user, &caller(&new), choice, async |request| services.identity().choose_role(request).await)
            .await?;
    }
    let set = |value: &str| Some(TextChange { value: Some(value.to_owned()) });
    let profile = UpdateProfileRequest {
        phone: set(&seller.phone),
        wilaya: set(&seller.wilaya),
        bio: set(&seller.bio),
        ..UpdateProfileRequest::default()
    };
    update_profile(services, &new, profile).await?;
    let standing = ChangeAccountRequest {
        user_id: new.user_id.to_string(),
        approval: Some(types::Approval::Approved.into()),
        // The sellers of the examples, and every second of the others.
        is_verified: Some(place < 3 || place.is_multiple_of(2)),
        ..ChangeAccountRequest::default()
    };
    services
        .ask(user, &caller(admin), standing, async |request| services.identity().change_account(request).await)
        .await?;
    account(services, &seller.person).await
}

fn read(answer: ResolveCallerResponse) -> Result<Account, Malformed> {
    Ok(Account {
        user_id: parse("user_id", &answer.user_id)?,
        role: choice::<types::Role, Role>("role", answer.role)?,
        seller_category: optional_choice::<types::SellerCategory, SellerCategory>(
            "seller_category",
            answer.seller_category,
        )?,
        approval: optional_choice::<types::Approval, Approval>("approval", answer.approval)?,
        is_verified: answer.is_verified,
        full_name: answer.full_name,
        avatar_url: answer.avatar_url,
    })
}
