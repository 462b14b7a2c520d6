//! What an account may be on the market: its role, and of a seller category and approval.
//!
//! Always true: category and approval are set exactly when the role is seller. Fields are private so that only the
//! changes below can move them; the table's constraint stands behind.

use commerce_types::{Approval, Role, SellerCategory};
use diesel::{Queryable, Selectable};

use crate::domain::Refused;
use crate::schema::users;

/// Role, category and approval together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct Standing {
    role: Role,
    seller_category: Option<SellerCategory>,
    approval: Option<Approval>,
}

/// What somebody asks to be; admins are not made like that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    Customer,
    Freelancer,
    Seller(SellerCategory),
}

/// What an admin sends; absent members stay.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StandingChanges {
    pub(crate) role: Option<Role>,
    pub(crate) seller_category: Option<SellerCategory>,
    pub(crate) approval: Option<Approval>,
}

impl Standing {
    /// Of every new account.
    pub(crate) const CUSTOMER: Self = Self::plain(Role::Customer);
    /// Of those who run the market.
    pub(crate) const ADMIN: Self = Self::plain(Role::Admin);

    pub(crate) fn role(&self) -> Role {
        self.role
    }

    pub(crate) fn seller_category(&self) -> Option<SellerCategory> {
        self.seller_category
    }

    pub(crate) fn approval(&self) -> Option<Approval> {
        self.approval
    }

    /// A role is chosen once: what comes of `choice`, with the approval that new sellers get.
    ///
    /// # Errors
    /// [`Refused::RoleAlreadySet`] unless it is the first choice, or the same one again.
    pub(crate) fn choose(self, choice: Choice, new_sellers: Approval) -> Result<Self, Refused> {
        if self.role != Role::Admin && self.is(choice) {
            return Ok(self);
        }
        if self.role != Role::Customer {
            return Err(Refused::RoleAlreadySet(self));
        }
        Ok(match choice {
            Choice::Customer => self,
            Choice::Freelancer => Self::plain(Role::Freelancer),
            Choice::Seller(category) => Self::seller(category, new_sellers),
        })
    }

    /// What an admin makes of it; judged by the result.
    ///
    /// # Errors
    /// [`Refused::Invalid`]: a seller without category, or category or approval of anybody else.
    pub(crate) fn change(self, changes: StandingChanges) -> Result<Self, Refused> {
        let role = changes.role.unwrap_or(self.role);
        if role == Role::Seller {
            let category = changes.seller_category.or(self.seller_category);
            let category = category.ok_or_else(|| Refused::invalid("seller_category", "is required for a seller"))?;
            let approval = changes.approval.or(self.approval).unwrap_or(Approval::Approved);
            return Ok(Self::seller(category, approval));
        }
        let mut problems = Vec::new();
        if changes.seller_category.is_some() {
            problems.push(("seller_category", "only sellers have one".to_owned()));
        }
        if changes.approval.is_some() {
            problems.push(("approval", "only sellers have one".to_owned()));
        }
        if problems.is_empty() { Ok(Self::plain(role)) } else { Err(Refused::Invalid(problems)) }
    }

    const fn plain(role: Role) -> Self {
        Self { role, seller_category: None, approval: None }
    }

    const fn seller(category: SellerCategory, approval: Approval) -> Self {
        Self { role: Role::Seller, seller_category: Some(category), approval: Some(approval) }
    }

    fn is(self, choice: Choice) -> bool {
        match choice {
            Choice::Customer => self.role == Role::Customer,
            Choice::Freelancer => self.role == Role::Freelancer,
            Choice::Seller(category) => self.seller_category == Some(category),
        }
    }
}

impl Choice {
    /// # Errors
    /// [`Refused::Invalid`]: nobody makes itself an admin, and a seller has a category.
    pub(crate) fn new(role: Role, seller_category: Option<SellerCategory>) -> Result<Self, Refused> {
        match (role, seller_category) {
            (Role::Customer, _) => Ok(Self::Customer),
            (Role::Freelancer, _) => Ok(Self::Freelancer),
            (Role::Seller, Some(category)) => Ok(Self::Seller(category)),
            (Role::Seller, None) => Err(Refused::invalid("seller_category", "is required for a seller")),
            (Role::Admin, _) => Err(Refused::invalid("role", "must be one of: customer, seller, freelancer")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROSSISTE: Standing = Standing::seller(SellerCategory::Grossiste, Approval::Pending);
    const FREELANCER: Standing = Standing::plain(Role::Freelancer);

    #[test]
    fn a_customer_chooses_once() {
        let seller = Standing::CUSTOMER.choose(Choice::Seller(SellerCategory::Importateur), Approval::Approved);
        assert_eq!(seller, Ok(Standing::seller(SellerCategory::Importateur, Approval::Approved)));
        let waiting = Standing::CUSTOMER.choose(Choice::Seller(SellerCategory::Grossiste), Approval::Pending);
        assert_eq!(waiting, Ok(GROSSISTE));
        assert_eq!(Standing::CUSTOMER.choose(Choice::Freelancer, Approval::Approved), Ok(FREELANCER));
    }

    #[test]
    fn the_same_again_changes_nothing() {
        let same = [
            (Standing::CUSTOMER, Choice::Customer),
            (FREELANCER, Choice::Freelancer),
            (GROSSISTE, Choice::Seller(SellerCategory::Grossiste)),
        ];
        for (standing, choice) in same {
            assert_eq!(standing.choose(choice, Approval::Approved), Ok(standing));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let refused = [
            (FREELANCER, Choice::Customer),
            (FREELANCER, Choice::Seller(SellerCategory::Grossiste)),
            (GROSSISTE, Choice::Seller(SellerCategory::Fournisseur)),
            (GROSSISTE, Choice::Customer),
            (Standing::ADMIN, Choice::Customer),
            (Standing::ADMIN, Choice::Seller(SellerCategory::Grossiste)),
        ];
        for (standing, choice) in refused {
            assert_eq!(standing.choose(choice, Approval::Approved), Err(Refused::RoleAlreadySet(standing)));
        }
    }

    #[test]
    fn nobody_makes_itself_an_admin_or_a_seller_of_nothing() {
        assert!(matches!(Choice::new(Role::Admin, None), Err(Refused::Invalid(_))));
        assert!(matches!(Choice::new(Role::Seller, None), Err(Refused::Invalid(_))));
        assert_eq!(Choice::new(Role::Freelancer, Some(SellerCategory::Grossiste)), Ok(Choice::Freelancer));
    }

    #[test]
    fn an_admins_change_is_judged_by_its_result() {
        let to_seller = StandingChanges { role: Some(Role::Seller), ..StandingChanges::default() };
        assert!(Standing::CUSTOMER.change(to_seller).is_err());
        let with_category = StandingChanges { seller_category: Some(SellerCategory::Fournisseur), ..to_seller };
        let seller = Standing::seller(SellerCategory::Fournisseur, Approval::Approved);
        assert_eq!(Standing::CUSTOMER.change(with_category), Ok(seller));

        let rejected = StandingChanges { approval: Some(Approval::Rejected), ..StandingChanges::default() };
        assert_eq!(GROSSISTE.change(rejected).unwrap().approval(), Some(Approval::Rejected));
        assert!(FREELANCER.change(rejected).is_err());
        let demoted = StandingChanges { role: Some(Role::Customer), ..StandingChanges::default() };
        assert_eq!(GROSSISTE.change(demoted), Ok(Standing::CUSTOMER));
        assert_eq!(GROSSISTE.change(StandingChanges::default()), Ok(GROSSISTE));
    }
}
