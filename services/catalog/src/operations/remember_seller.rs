//! Keep the copy of an account that sells: what its products show of it, and whether they are on sale.
//!
//! Always true: a newer version wins and a deleted account stays deleted; whether a seller may sell and which of its
//! products are on sale changes in one transaction, and caches hear of each product that comes or goes.

use access_token::Account;
use diesel_async::AsyncPgConnection;
use protocol::identity::v1::AccountState;

use crate::app::App;
use crate::domain::product::{Product, ProductStatus};
use crate::domain::seller::{Seller, Standing};
use crate::error::Error;
use crate::{events, identity_client, store};

/// Makes sure that a seller who writes is known as its token says.
///
/// A token has no version, so identity is asked when the copy says something else; while identity is away the token
/// is believed only where no version is known.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn know_seller(app: &App, account: &Account) -> Result<(), Error> {
    let standing = Standing { role: account.role, approval: account.approval, is_active: true };
    let token = Seller::new(account.public_user(), standing, 0);
    let known = store::sellers::find(&mut *app.pool.get().await?, token.id).await?;
    if known.is_some_and(|known| known.says_the_same_as(&token)) {
        return Ok(());
    }
    let seller = match app.identity.account(token.id).await {
        Ok(Some(state)) => read(&state).unwrap_or(token),
        Ok(None) => token,
        Err(error) => {
            tracing::warn!(error = service_error::chain(&error), "a seller is known by its token alone");
            token
        }
    };
    database::transaction(&app.pool, async |conn| apply(conn, &seller).await).await?;
    app.waker.wake();
    Ok(())
}

fn read(state: &AccountState) -> Option<Seller> {
    let read = identity_client::seller(state);
    if let Err(error) = &read {
        tracing::error!(error = service_error::chain(error), "identity answered an account that cannot be read");
    }
    read.ok()
}

/// In the caller's transaction. An account that never sold is not kept.
pub(crate) async fn apply(conn: &mut AsyncPgConnection, seller: &Seller) -> Result<(), Error> {
    let known = store::sellers::lock(conn, &[seller.id]).await?.pop();
    let known = match known {
        Some(known) => known,
        None if seller.seller_category.is_none() => return Ok(()),
        None if store::sellers::insert(conn, seller).await? => return Ok(()),
        // Somebody else was quicker; it has committed by now.
        None => store::sellers::lock(conn, &[seller.id]).await?.pop().ok_or(Error::Missing("a seller"))?,
    };
    if !known.yields_to(seller) {
        return Ok(());
    }
    store::sellers::update(conn, seller).await?;
    if known.may_sell != seller.may_sell {
        move_products(conn, seller).await?;
    }
    Ok(())
}

/// Takes what the seller offers on or off sale.
async fn move_products(conn: &mut AsyncPgConnection, seller: &Seller) -> Result<(), Error> {
    let products = store::products::lock_all_of(conn, seller.id).await?;
    store::products::set_seller_may_sell(conn, seller.id, seller.may_sell).await?;
    let offered: Vec<Product> =
        products.into_iter().filter(|product| product.content.status == ProductStatus::Active).collect();
    let ids: Vec<_> = offered.iter().map(|product| product.id).collect();
    let images = store::images::list_primary(conn, &ids).await?;
    let in_stock = store::shown_stock::list_in_stock(conn, &ids).await?;
    let said: Vec<_> = offered
        .iter()
        .map(|product| {
            let image = images.get(&product.id).map(String::as_str);
            if seller.may_sell {
                events::came_on_sale(product, image, in_stock.get(&product.id).copied())
            } else {
                events::went_off_sale(product, image)
            }
        })
        .collect();
    events::write_all(conn, &said).await?;
    Ok(())
}
