//! What the lines of one account come to.

use std::collections::HashSet;

use commerce_types::Money;

use crate::domain::line::{Current, Line};

/// Of one account; the table's constraint `carts_at_most_100_lines` sees to it.
pub(crate) const LINES_AT_MOST: i64 = 100;

/// Figures over all lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) subtotal: Money,
    /// Units.
    pub(crate) total_items: i64,
    /// Lines.
    pub(crate) items_count: i64,
    pub(crate) sellers_count: i64,
}

impl Summary {
    /// Of each line with what is known of its product.
    pub(crate) fn new(lines: &[(Line, Current<'_>)]) -> Self {
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let subtotals = lines.iter().map(|(line, current)| line.subtotal(*current));
        Self {
            // Prices may have risen since the lines were written: what is then above every limit is shown as the limit.
            subtotal: Money::checked_sum(subtotals).unwrap_or(Money::MAX),
            total_items: lines.iter().map(|(line, _)| i64::from(line.quantity)).sum(),
            items_count: count(lines.len()),
            sellers_count: count(lines.iter().map(|(line, _)| line.seller_id).collect::<HashSet<_>>().len()),
        }
    }
}

/// Whether the lines are worth an amount at all.
pub(crate) fn can_be_paid(lines: &[Line]) -> bool {
    Money::checked_sum(lines.iter().map(Line::value)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::line::tests::line;
    use crate::domain::offer::Offer;
    use crate::domain::offer::tests::offer;

    #[test]
    fn sums_are_over_what_can_be_bought() {
        let offer = offer(10, 1);
        let lines = [
            (line(&offer, 2), Current::OnSale(&offer)),
            (line(&offer, 3), Current::Gone),
            (line(&offer, 1), Current::Unknown),
        ];
        let summary = Summary::new(&lines);
        assert_eq!(summary.subtotal.centimes(), 3 * 1_250_000);
        assert_eq!((summary.total_items, summary.items_count, summary.sellers_count), (6, 3, 1));
        assert_eq!(Summary::new(&[]).subtotal, Money::ZERO);
    }

    #[test]
    fn two_of_the_dearest_lines_are_too_dear() {
        let dear = Offer { price: Money::MAX_PRICE, ..offer(10_000_000, 1) };
        let lines = [line(&dear, 100_000), line(&dear, 100_000)];
        assert!(can_be_paid(&lines[..1]) && !can_be_paid(&lines));
        let current = Current::OnSale(&dear);
        assert_eq!(Summary::new(&lines.map(|line| (line, current))).subtotal, Money::MAX);
    }
}
