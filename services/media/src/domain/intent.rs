//! What a file is for, and what follows from it before its first byte: who may send it, how large it may be.

use access_token::{Account, Caller, Refused};
use commerce_types::ProductId;

commerce_types::text_enum! {
    /// What a file is for.
    pub(crate) enum UploadKind {
        Image = "image",
        ProductImage = "product_image",
        ReelVideo = "reel_video",
        Avatar = "avatar",
        OfferImage = "offer_image",
    }
}

/// Bytes of a picture at most.
pub(crate) const MAX_IMAGE: u64 = 10 * 1024 * 1024;
/// Bytes of a video at most.
pub(crate) const MAX_VIDEO: u64 = 100 * 1024 * 1024;
/// Images of a product at most.
pub(crate) const MAX_IMAGES: usize = 20;
const MAX_ORDER: u32 = 1000;

/// What somebody wants to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Intent {
    pub(crate) kind: UploadKind,
    /// There exactly for kinds that belong to a product.
    pub(crate) product_id: Option<ProductId>,
    pub(crate) is_primary: Option<bool>,
    pub(crate) display_order: Option<u32>,
}

/// A field that is not as the kind wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub(crate) struct Invalid {
    pub(crate) field: &'static str,
    pub(crate) problem: &'static str,
}

impl UploadKind {
    pub(crate) fn is_video(self) -> bool {
        self == Self::ReelVideo
    }

    /// Bytes at most.
    pub(crate) fn limit(self) -> u64 {
        if self.is_video() { MAX_VIDEO } else { MAX_IMAGE }
    }

    /// The account, if it may send such files at all.
    ///
    /// # Errors
    /// It may not.
    pub(crate) fn require(self, caller: &Caller) -> Result<&Account, Refused> {
        match self {
            Self::Image | Self::Avatar => caller.require_account(),
            Self::ProductImage | Self::ReelVideo => caller.require_seller(),
            Self::OfferImage => {
                let seller = caller.require_seller()?;
                seller.seller_category.map(|_| seller).ok_or(Refused::Forbidden)
            }
        }
    }

    fn belongs_to_a_product(self) -> bool {
        matches!(self, Self::ProductImage | Self::ReelVideo)
    }
}

impl Intent {
    /// As it is, if its fields fit its kind.
    ///
    /// # Errors
    /// The first field that does not.
    pub(crate) fn checked(self) -> Result<Self, Invalid> {
        let refused = |field, problem| Err(Invalid { field, problem });
        match self.product_id {
            None if self.kind.belongs_to_a_product() => return refused("product_id", "is needed for this kind"),
            Some(_) if !self.kind.belongs_to_a_product() => return refused("product_id", "is not for this kind"),
            _ => {}
        }
        if self.kind != UploadKind::ProductImage {
            if self.is_primary.is_some() {
                return refused("is_primary", "is for images of products");
            }
            if self.display_order.is_some() {
                return refused("display_order", "is for images of products");
            }
        }
        match self.display_order {
            Some(order) if order > MAX_ORDER => refused("display_order", "must be from 0 to 1000"),
            _ => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use commerce_types::{Approval, Role, SellerCategory};
    use uuid::Uuid;

    use super::*;

    fn intent(kind: UploadKind, product: bool) -> Intent {
        let product_id = product.then(|| Uuid::from_u128(1).into());
        Intent { kind, product_id, is_primary: None, display_order: None }
    }

    #[test]
    fn a_product_is_named_exactly_where_there_is_one() {
        for kind in UploadKind::ALL {
            let wanted = matches!(kind, UploadKind::ProductImage | UploadKind::ReelVideo);
            assert_eq!(intent(*kind, true).checked().is_ok(), wanted, "{kind}");
            assert_eq!(intent(*kind, false).checked().is_ok(), !wanted, "{kind}");
        }
    }

    #[test]
    fn a_place_is_for_images_of_products() {
        let image =
            Intent { is_primary: Some(true), display_order: Some(1000), ..intent(UploadKind::ProductImage, true) };
        assert!(image.checked().is_ok());
        assert_eq!(
            Intent { display_order: Some(1001), ..image }.checked().map_err(|bad| bad.field),
            Err("display_order")
        );
        let video = Intent { is_primary: Some(false), ..intent(UploadKind::ReelVideo, true) };
        assert_eq!(video.checked().map_err(|bad| bad.field), Err("is_primary"));
        let avatar = Intent { display_order: Some(1), ..intent(UploadKind::Avatar, false) };
        assert_eq!(avatar.checked().map_err(|bad| bad.field), Err("display_order"));
    }

    #[test]
    fn each_kind_has_its_senders() {
        let account = |role, category: Option<SellerCategory>, approval| {
            Caller::Account(Account {
                user_id: Uuid::from_u128(1).into(),
                role,
                seller_category: category,
                approval,
                is_verified: false,
                full_name: "Amina".to_owned(),
                avatar_url: None,
            })
        };
        let trader = account(Role::Seller, Some(SellerCategory::Grossiste), Some(Approval::Approved));
        let seller = account(Role::Seller, None, Some(Approval::Approved));
        let pending = account(Role::Seller, Some(SellerCategory::Grossiste), Some(Approval::Pending));
        let (customer, admin) = (account(Role::Customer, None, None), account(Role::Admin, None, None));
        // image, product_image, reel_video, avatar, offer_image
        for (caller, may) in [
            (&Caller::GUEST, [false; 5]),
            (&Caller::service("reels"), [false; 5]),
            (&customer, [true, false, false, true, false]),
            (&admin, [true, false, false, true, false]),
            (&pending, [true, false, false, true, false]),
            (&seller, [true, true, true, true, false]),
            (&trader, [true; 5]),
        ] {
            for (kind, may) in UploadKind::ALL.iter().zip(may) {
                assert_eq!(kind.require(caller).is_ok(), may, "{kind} {caller:?}");
            }
        }
    }
}
