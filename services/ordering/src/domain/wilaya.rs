//! Where parcels go and what that costs.

use commerce_types::Money;
use diesel::HasQuery;

use crate::domain::order::DeliveryType;
use crate::schema::wilayas;

/// A row of the table: the number of wilayas is data, not code.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = wilayas)]
pub(crate) struct Wilaya {
    pub(crate) code: i32,
    pub(crate) name: String,
    pub(crate) name_ar: String,
    pub(crate) home_fee: Money,
    pub(crate) office_fee: Money,
}

impl Wilaya {
    /// For each seller's parcel.
    pub(crate) fn fee(&self, delivery_type: DeliveryType) -> Money {
        match delivery_type {
            DeliveryType::Home => self.home_fee,
            DeliveryType::Office => self.office_fee,
        }
    }
}
