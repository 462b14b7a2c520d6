//! The limits of `api.md` 2.10, each with the name under which it is counted.

use std::time::Duration;

use super::gcra::Limit;

const MINUTE: Duration = Duration::from_secs(60);
/// However generous a limit, no block is larger: the rest of one must be given back in one message.
const LARGEST_BLOCK: u64 = 50_000;

/// What is limited. Classes belong to a caller, the others to an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Nobody signed in, or with a token that is not accepted; per address.
    Anonymous,
    /// Customers and freelancers; per account.
    SignedIn,
    /// Sellers; per account.
    Seller,
    /// Clerk, instead of a class; per address.
    Webhook,
    /// Choosing a role; per account.
    ChooseRole,
    /// Looking an order up by phone and number; per address.
    TrackOrder,
    /// Liking a reel; per account.
    Like,
    /// Saying something of a reel; per account.
    Comment,
    /// Sending files; per account.
    Upload,
}

impl Rule {
    pub const ALL: [Self; 9] = [
        Self::Anonymous,
        Self::SignedIn,
        Self::Seller,
        Self::Webhook,
        Self::ChooseRole,
        Self::TrackOrder,
        Self::Like,
        Self::Comment,
        Self::Upload,
    ];

    /// Part of the key in Redis, and a metric's label.
    pub fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::SignedIn => "signed_in",
            Self::Seller => "seller",
            Self::Webhook => "webhook",
            Self::ChooseRole => "choose_role",
            Self::TrackOrder => "track_order",
            Self::Like => "like",
            Self::Comment => "comment",
            Self::Upload => "upload",
        }
    }

    /// Counted per account, not per address.
    pub fn is_of_accounts(self) -> bool {
        matches!(self, Self::SignedIn | Self::Seller | Self::ChooseRole | Self::Like | Self::Comment | Self::Upload)
    }

    /// Strict rules are counted place by place and are not multiplied.
    pub fn is_strict(self) -> bool {
        matches!(self, Self::ChooseRole | Self::TrackOrder | Self::Like | Self::Comment | Self::Upload)
    }
}

/// The numbers, all of them configuration; per minute.
#[derive(Debug, Clone)]
pub struct Limits {
    pub anonymous: u64,
    pub signed_in: u64,
    pub seller: u64,
    pub webhook: u64,
    pub choose_role: u64,
    pub track_order: u64,
    pub like: u64,
    pub comment: u64,
    pub upload: u64,
    /// Multiplies the class limits, so that one machine can be load-tested.
    pub factor: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            anonymous: 60,
            signed_in: 100,
            seller: 200,
            webhook: 600,
            choose_role: 5,
            track_order: 10,
            like: 10,
            comment: 5,
            upload: 30,
            factor: 1.0,
        }
    }
}

impl Limits {
    pub(super) fn of(&self, rule: Rule) -> Limit {
        let places = match rule {
            Rule::Anonymous => self.multiplied(self.anonymous),
            Rule::SignedIn => self.multiplied(self.signed_in),
            Rule::Seller => self.multiplied(self.seller),
            Rule::Webhook => self.multiplied(self.webhook),
            Rule::ChooseRole => self.choose_role,
            Rule::TrackOrder => self.track_order,
            Rule::Like => self.like,
            Rule::Comment => self.comment,
            Rule::Upload => self.upload,
        };
        Limit::new(places, MINUTE)
    }

    fn multiplied(&self, places: u64) -> u64 {
        (places as f64 * self.factor).round() as u64
    }
}

/// The most places a gateway may take of a limit in advance: a twentieth.
pub(super) fn largest_block(rule: Rule, limit: Limit) -> u64 {
    if rule.is_strict() { 1 } else { (limit.places() / 20).clamp(1, LARGEST_BLOCK) }
}
