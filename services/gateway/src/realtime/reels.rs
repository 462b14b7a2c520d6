//! What the stream says of reels, told to their rooms.

use commerce_types::{ReelId, UserId};
use events::{Received, names};
use protocol::convert::{parse, required};
use protocol::reels::v1::{
    CommentAdded, CommentRemoved, ReelLiked, ReelReady, ReelRemoval, ReelRemoved, ReelUnliked, ViewsCounted,
};

use super::Realtime;
use super::facts::Heard;
use super::hub::Revoked;
use super::newest::Kind;
use super::payload::{ReelCommentDeleted, ReelCommented, ReelLikes, ReelView, ReelWatchable, ToldComment};
use super::room::Room;

impl Realtime {
    pub(super) fn reel(&self, event: &Received) -> Heard {
        match event.name.as_str() {
            names::REEL_LIKED => {
                let ReelLiked { reel_id, user_id, likes_count } = event.decode()?;
                self.reel_likes(event, "reel:liked", ReelLikes { reel_id, user_id, likes_count })
            }
            names::REEL_UNLIKED => {
                let ReelUnliked { reel_id, user_id, likes_count } = event.decode()?;
                self.reel_likes(event, "reel:unliked", ReelLikes { reel_id, user_id, likes_count })
            }
            names::COMMENT_ADDED => self.comment_added(event),
            names::COMMENT_REMOVED => {
                let CommentRemoved { reel_id, comment_id, comments_count } = event.decode()?;
                let room = room(&reel_id)?;
                let said = ReelCommentDeleted { reel_id, comment_id, comments_count };
                self.tell(event, event.event_id, &[room], "reel:comment-deleted", &said);
                Ok(())
            }
            names::VIEWS_COUNTED => {
                let ViewsCounted { reel_id, views_count } = event.decode()?;
                let id: ReelId = parse("reel_id", &reel_id)?;
                if !self.newest.is_older(Kind::Views, id.into(), views_count) {
                    let said = ReelView { reel_id, view_count: views_count };
                    self.tell(event, event.event_id, &[Room::Reel(id)], "reel:view", &said);
                }
                Ok(())
            }
            names::REEL_READY => self.reel_ready(event),
            names::REEL_REMOVED => self.reel_removed(event),
            _ => Ok(()),
        }
    }

    fn reel_likes(&self, event: &Received, name: &'static str, said: ReelLikes) -> Heard {
        let room = room(&said.reel_id)?;
        self.tell(event, event.event_id, &[room], name, &said);
        Ok(())
    }

    fn comment_added(&self, event: &Received) -> Heard {
        let CommentAdded { comment, comments_count } = event.decode()?;
        let comment = required("comment", comment)?;
        // Whoever said it is gone, and what was said with it: its removal is told.
        if comment.user.is_none() {
            return Ok(());
        }
        let (room, reel_id) = (room(&comment.reel_id)?, comment.reel_id.clone());
        let comment = ToldComment { comment: comment.try_into()?, comments_count };
        let said = ReelCommented { reel_id, comment, comments_count };
        self.tell(event, event.event_id, &[room], "reel:commented", &said);
        Ok(())
    }

    fn reel_ready(&self, event: &Received) -> Heard {
        let ReelReady { reel, video } = event.decode()?;
        let (reel, video) = (required("reel", reel)?, required("video", video)?);
        let seller: UserId = parse("seller_id", &reel.seller_id)?;
        let said = ReelWatchable::new(reel, video);
        self.tell(event, event.event_id, &[Room::Seller(seller), Room::User(seller)], "reel:ready", &said);
        Ok(())
    }

    fn reel_removed(&self, event: &Received) -> Heard {
        let removed: ReelRemoved = event.decode()?;
        let is_for_insiders = removed.reason() == ReelRemoval::Hidden;
        let room = room(&required("reel", removed.reel)?.id)?;
        self.hub.revoke(Revoked::Room(room));
        self.hub.clear(room, |right| is_for_insiders && right.is_insider);
        Ok(())
    }
}

fn room(reel_id: &str) -> Result<Room, super::facts::Unreadable> {
    Ok(Room::Reel(parse("reel_id", reel_id)?))
}
