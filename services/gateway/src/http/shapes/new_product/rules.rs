//! The limits of single fields, and what no rule of a single one can tell.

use commerce_types::Money;

use super::Fields;
use crate::http::change::Change;
use crate::http::error::Detail;
use crate::http::fields::{Text, is_public_url, length};
use crate::json;

const IMAGES: usize = 20;
const SPECIFICATIONS_BYTES: usize = 8 * 1024;
const SPECIFICATIONS_DEPTH: usize = 4;

impl Fields {
    /// What no rule of a single member can tell.
    pub(super) fn wrong(&self, media_url: &str) -> Vec<Detail> {
        let mut wrong = Vec::new();
        let mut check = |field: String, Text(url): &Text| {
            if !is_public_url(url, media_url) {
                wrong.push(Detail::new(field, "must be a public https address"));
            }
        };
        for (index, image) in self.images.value().into_iter().flatten().enumerate() {
            check(format!("images[{index}]"), image);
        }
        self.primary_image.value().into_iter().for_each(|url| check("primary_image".to_owned(), url));
        self.video_url.value().into_iter().for_each(|url| check("video_url".to_owned(), url));
        if let Some(images) = self.images.value() {
            let mut distinct: Vec<&str> = images.iter().map(|Text(url)| url.as_str()).collect();
            distinct.sort_unstable();
            distinct.dedup();
            if images.len() > IMAGES || distinct.len() < images.len() {
                wrong.push(Detail::new("images", "must be at most 20 distinct addresses"));
            }
        }
        if let Some(specifications) = self.specifications.value() {
            let text = specifications.get();
            let is_object = text.trim_start().starts_with('{');
            if !is_object || text.len() > SPECIFICATIONS_BYTES || json::depth(text) > SPECIFICATIONS_DEPTH {
                wrong.push(Detail::new("specifications", "must be an object of at most 8 KiB and depth 4"));
            }
        }
        wrong
    }
}

pub(super) fn a_price(price: &Change<Money>, (): &()) -> garde::Result {
    match price.value() {
        Some(price) if *price > Money::MAX_PRICE => Err(garde::Error::new("must be at most 99999999.99")),
        _ => Ok(()),
    }
}

pub(super) fn between(least: i32, most: i32) -> impl FnOnce(&Change<i32>, &()) -> garde::Result {
    move |value, ()| match value.value() {
        Some(value) if !(least..=most).contains(value) => Err(garde::Error::new(format!("must be {least} to {most}"))),
        _ => Ok(()),
    }
}

pub(super) fn several(
    most: usize,
    limits: std::ops::RangeInclusive<usize>,
) -> impl FnOnce(&Change<Vec<Text>>, &()) -> garde::Result {
    move |list, ()| {
        let Some(list) = list.value() else { return Ok(()) };
        if list.len() > most {
            return Err(garde::Error::new(format!("must have at most {most} entries")));
        }
        length(limits)(list, &())
    }
}
