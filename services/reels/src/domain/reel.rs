//! A reel, and who sees it.

use access_token::Caller;
use chrono::{DateTime, Utc};
use commerce_types::{ProductId, PublicUser, ReelId, UploadId, UserId};
use diesel::{HasQuery, Insertable};

use crate::domain::product::Product;
use crate::schema::{reel_counts, reels};

commerce_types::text_enum! {
    /// How far its video is; the last two are final.
    pub(crate) enum ReelStatus {
        Processing = "processing",
        Ready = "ready",
        Failed = "failed",
    }
}

/// A reel that is not deleted.
#[derive(Debug, Clone, PartialEq, Eq, HasQuery, Insertable)]
#[diesel(table_name = reels)]
pub(crate) struct Reel {
    pub(crate) id: ReelId,
    pub(crate) product_id: ProductId,
    pub(crate) seller_id: UserId,
    pub(crate) caption: Option<String>,
    pub(crate) status: ReelStatus,
    #[diesel(embed)]
    pub(crate) file: File,
    pub(crate) error_code: Option<String>,
    /// Ready, and its product on sale.
    pub(crate) is_public: bool,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    /// Whose video it is; none of a demo market's first ones.
    pub(crate) upload_id: Option<UploadId>,
}

/// The served video as it was measured; whole exactly when the reel is ready. Before that it may have a picture of the seller's
/// own, to be shown instead of a frame.
#[derive(Debug, Clone, Default, PartialEq, Eq, HasQuery, Insertable)]
#[diesel(table_name = reels)]
pub(crate) struct File {
    pub(crate) video_url: Option<String>,
    pub(crate) video_path: Option<String>,
    pub(crate) thumbnail_url: Option<String>,
    pub(crate) thumbnail_path: Option<String>,
    pub(crate) duration_ms: Option<i64>,
    pub(crate) size_bytes: Option<i64>,
    pub(crate) width: Option<i32>,
    pub(crate) height: Option<i32>,
}

/// A video that somebody sent, as media tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SentVideo {
    pub(crate) upload_id: UploadId,
    pub(crate) owner_id: UserId,
    /// None of a file that was sent for something else than a reel.
    pub(crate) product_id: Option<ProductId>,
    /// Final once it is received.
    pub(crate) url: Option<String>,
    pub(crate) state: VideoState,
}

/// How far a sent video is; the last two are final.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum VideoState {
    /// Its bytes are awaited.
    Pending,
    Processing,
    Ready(File),
    /// With a code of the public contract.
    Failed(String),
}

/// How often a reel was liked, commented and seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, HasQuery)]
#[diesel(table_name = reel_counts)]
pub(crate) struct Counts {
    pub(crate) likes: i64,
    pub(crate) comments: i64,
    pub(crate) views: i64,
}

/// A reel with all that is shown of it.
#[derive(Debug, Clone)]
pub(crate) struct ShownReel {
    pub(crate) reel: Reel,
    pub(crate) counts: Counts,
    pub(crate) product: Product,
    pub(crate) seller: PublicUser,
    /// By who looks.
    pub(crate) is_liked: bool,
    /// When who looks liked it, where that is what the list is about.
    pub(crate) liked_at: Option<DateTime<Utc>>,
}

impl Reel {
    /// Its seller and admins see it whatever it is, and why it failed.
    pub(crate) fn shows_all_to(&self, caller: &Caller) -> bool {
        caller.is_admin() || caller.is_user(self.seller_id)
    }

    /// What became of its video, with the seller's own picture where there is one. Final states stay.
    pub(crate) fn settle(&mut self, video: VideoState, is_on_sale: bool) {
        match video {
            VideoState::Ready(file) => {
                let own = (self.file.thumbnail_url.take(), self.file.thumbnail_path.take());
                self.file = file;
                if let (Some(url), path) = own {
                    (self.file.thumbnail_url, self.file.thumbnail_path) = (Some(url), path);
                }
                (self.status, self.is_public) = (ReelStatus::Ready, is_on_sale);
            }
            VideoState::Failed(code) => {
                self.file = File::default();
                (self.status, self.error_code) = (ReelStatus::Failed, Some(code));
            }
            VideoState::Pending | VideoState::Processing => {}
        }
    }

    /// What is not public is missing for everybody else.
    pub(crate) fn is_visible_to(&self, caller: &Caller) -> bool {
        self.is_public || self.shows_all_to(caller)
    }
}

#[cfg(test)]
mod tests {
    use access_token::Account;
    use commerce_types::Role;
    use uuid::Uuid;

    use super::*;

    fn account(id: u128, role: Role) -> Caller {
        Caller::Account(Account {
            user_id: Uuid::from_u128(id).into(),
            role,
            seller_category: None,
            approval: None,
            is_verified: false,
            full_name: "Amina".to_owned(),
            avatar_url: None,
        })
    }

    #[test]
    fn what_is_not_public_is_there_for_its_seller_and_admins_alone() {
        let mut reel = Reel {
            id: Uuid::from_u128(9).into(),
            product_id: Uuid::from_u128(8).into(),
            seller_id: Uuid::from_u128(1).into(),
            caption: None,
            status: ReelStatus::Processing,
            file: File::default(),
            error_code: None,
            is_public: false,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            upload_id: None,
        };
        let callers = [
            (account(1, Role::Seller), true),
            (account(2, Role::Admin), true),
            (account(3, Role::Seller), false),
            (Caller::GUEST, false),
            (Caller::service("catalog"), false),
        ];
        for (caller, sees) in &callers {
            assert_eq!(reel.is_visible_to(caller), *sees, "{caller:?}");
        }
        reel.is_public = true;
        assert!(callers.iter().all(|(caller, _)| reel.is_visible_to(caller)));
        assert!(!reel.shows_all_to(&callers[2].0));
    }
}
