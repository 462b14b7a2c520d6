//! Show one product by id or slug: on sale to everybody, else to its seller and to admins.

use access_token::Caller;
use commerce_types::ProductId;

use crate::app::App;
use crate::domain::product::ShownProduct;
use crate::error::Error;
use crate::store;

pub(crate) enum By {
    Id(ProductId),
    Slug(String),
}

/// # Errors
/// [`Error::ProductNotFound`]: missing, deleted, or not on sale and somebody else's.
pub(crate) async fn get_product(app: &App, caller: &Caller, by: &By) -> Result<ShownProduct, Error> {
    let mut conn = app.pool.get().await?;
    let found = match by {
        By::Id(id) => store::shown::find(&mut conn, *id).await?,
        // No product has such a slug, and PostgreSQL takes no NUL.
        By::Slug(slug) if slug.contains('\0') => None,
        By::Slug(slug) => store::shown::find_by_slug(&mut conn, slug).await?,
    };
    found.filter(|shown| shown.product.on_sale || sees_all(caller, shown)).ok_or(Error::ProductNotFound)
}

/// Whether the caller gets the owner's view.
pub(crate) fn sees_all(caller: &Caller, shown: &ShownProduct) -> bool {
    caller.is_admin() || caller.is_user(shown.product.seller_id)
}
