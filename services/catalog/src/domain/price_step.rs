//! Ranges of prices that are counted as one.

use commerce_types::Money;

/// A range of prices that begins at the price rounded down to two digits: 1,230 DA lies in that from 1,200 to 1,299.99. As
/// the database's `price_step`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PriceStep {
    /// Its first price, in centimes.
    pub(crate) first: i64,
    /// The first price of the next one.
    pub(crate) next: i64,
}

impl PriceStep {
    pub(crate) fn of(price: Money) -> Self {
        let price = price.centimes();
        let width = 10_i64.pow(price.checked_ilog10().unwrap_or(0).saturating_sub(1));
        let first = price - price % width;
        Self { first, next: first.saturating_add(width) }
    }
}

/// A range of prices as steps that lie in it whole, and what is left at its ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Steps {
    /// The first of the whole steps, if not all before belong to them.
    pub(crate) from: Option<i64>,
    /// The first step behind them, if not all belong to them.
    pub(crate) before: Option<i64>,
    /// The least and the greatest price of each end.
    pub(crate) ends: Vec<(i64, i64)>,
}

impl Steps {
    /// Of the prices from the least to the most, both included; absent ones limit nothing.
    pub(crate) fn between(least: Option<Money>, most: Option<Money>) -> Self {
        let mut steps = Self::default();
        if let Some(least) = least {
            let step = PriceStep::of(least);
            let begins = step.first == least.centimes();
            steps.from = Some(if begins { step.first } else { step.next });
        }
        if let Some(most) = most {
            let step = PriceStep::of(most);
            let ends = step.next == most.centimes().saturating_add(1);
            steps.before = Some(if ends { step.next } else { step.first });
        }
        if let (Some(least), Some(most)) = (least, most)
            && steps.from >= steps.before
        {
            steps.ends = vec![(least.centimes(), most.centimes())];
            return steps;
        }
        let low = least.zip(steps.from).map(|(least, from)| (least.centimes(), from.saturating_sub(1)));
        let high = most.zip(steps.before).map(|(most, before)| (before, most.centimes()));
        steps.ends = low.into_iter().chain(high).filter(|(first, last)| first <= last).collect();
        steps
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(centimes: i64) -> Money {
        Money::from_centimes(centimes).unwrap()
    }

    fn price() -> impl Strategy<Value = i64> {
        (0_u32..10, 0_i64..10_000_000_000).prop_map(|(digits, price)| price % 10_i64.pow(digits + 1))
    }

    #[test]
    fn a_step_begins_with_two_digits() {
        for (price, first, next) in [
            (0, 0, 1),
            (9, 9, 10),
            (99, 99, 100),
            (100, 100, 110),
            (123_456, 120_000, 130_000),
            (999_999, 990_000, 1_000_000),
            (9_999_999_999, 9_900_000_000, 10_000_000_000),
        ] {
            assert_eq!(PriceStep::of(money(price)), PriceStep { first, next }, "{price}");
        }
    }

    proptest! {
        /// Every price of the range lies in a whole step or in one end, and no other price does.
        #[test]
        fn whole_steps_and_ends_are_the_range(least in price(), most in price(), seen in price(), bounds in 0..4) {
            let (least, most) = (Some(least).filter(|_| bounds & 1 > 0), Some(most).filter(|_| bounds & 2 > 0));
            prop_assume!(least.zip(most).is_none_or(|(least, most)| least <= most));
            let steps = Steps::between(least.map(money), most.map(money));
            for price in [Some(seen), least, most, least.map(|p| (p - 1).max(0)), most.map(|p| p + 1)].into_iter().flatten() {
                let is_within = least.is_none_or(|least| least <= price) && most.is_none_or(|most| price <= most);
                let step = PriceStep::of(money(price.min(9_999_999_999))).first;
                prop_assume!(price <= 9_999_999_999);
                let whole = steps.from.is_none_or(|from| from <= step) && steps.before.is_none_or(|before| step < before);
                let ends = steps.ends.iter().filter(|(first, last)| (*first..=*last).contains(&price)).count();
                prop_assert_eq!(usize::from(whole) + ends, usize::from(is_within), "{} in {:?}", price, steps);
            }
        }
    }
}
