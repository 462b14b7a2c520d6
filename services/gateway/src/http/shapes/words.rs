//! Closed sets of words, as the document describes them. The words themselves are `commerce-types`'.

use utoipa::ToSchema;

#[derive(ToSchema)]
#[schema(as = SellerCategory)]
#[serde(rename_all = "lowercase")]
pub enum SellerCategoryWord {
    Importateur,
    Grossiste,
    Fournisseur,
}

#[derive(ToSchema)]
#[schema(as = Role)]
#[serde(rename_all = "lowercase")]
pub enum RoleWord {
    Customer,
    Seller,
    Freelancer,
    Admin,
}

#[derive(ToSchema)]
#[schema(as = Approval)]
#[serde(rename_all = "lowercase")]
pub enum ApprovalWord {
    Pending,
    Approved,
    Rejected,
}
