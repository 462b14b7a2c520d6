//! The pictures of a product: which are kept, in which order, and which one is the first to be seen.
//!
//! Always true: of the images of a product one is primary, unless there are none.

use chrono::{DateTime, Utc};
use commerce_types::text;
use commerce_types::{ImageId, ProductId, UploadId, UserId};
use diesel::{HasQuery, Insertable};

use crate::domain::content::Problem;
use crate::schema::product_images;

/// Images of one product at most.
const MOST: usize = 20;
/// Of a URL, in characters.
const LONGEST_URL: usize = 2_048;
/// The highest place among a product's images.
pub(crate) const LAST_PLACE: i32 = 1_000;

#[derive(Debug, Clone, PartialEq, Eq, HasQuery, Insertable)]
#[diesel(table_name = product_images)]
pub(crate) struct ProductImage {
    pub(crate) id: ImageId,
    pub(crate) product_id: ProductId,
    pub(crate) image_url: String,
    /// None until made, and for foreign pictures.
    pub(crate) thumbnail_url: Option<String>,
    pub(crate) is_primary: bool,
    pub(crate) display_order: i32,
    pub(crate) created_at: DateTime<Utc>,
}

/// What a write says of the images; absent members are left alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ImagesWish {
    /// The whole set, in order.
    pub(crate) urls: Option<Vec<String>>,
    /// The primary one; `Some(None)` is the first.
    pub(crate) primary: Option<Option<String>>,
}

impl ImagesWish {
    pub(crate) fn is_empty(&self) -> bool {
        self.urls.is_none() && self.primary.is_none()
    }

    /// All addresses in it.
    pub(crate) fn urls(&self) -> impl Iterator<Item = &String> {
        self.urls.iter().flatten().chain(self.primary.iter().flatten())
    }

    /// The images as they are to be: a URL that is there keeps its row, one that is primary but not among them is put
    /// in front.
    ///
    /// # Errors
    /// More than 20, or one twice.
    pub(crate) fn apply(
        &self,
        product_id: ProductId,
        existing: &[ProductImage],
        next_id: impl Fn() -> ImageId,
        now: DateTime<Utc>,
    ) -> Result<Vec<ProductImage>, Problem> {
        if self.is_empty() {
            return Ok(existing.to_vec());
        }
        let new = |url: &String| ProductImage {
            id: next_id(),
            product_id,
            image_url: url.clone(),
            thumbnail_url: None,
            is_primary: false,
            display_order: 0,
            created_at: now,
        };
        let row = |url: &String| existing.iter().find(|image| image.image_url == *url).cloned();
        let mut images = match &self.urls {
            Some(urls) => {
                refuse_duplicates(urls)?;
                for (at, url) in urls.iter().enumerate() {
                    check_url(&format!("images[{at}]"), url)?;
                }
                let mut images: Vec<_> = urls.iter().map(|url| row(url).unwrap_or_else(|| new(url))).collect();
                number(&mut images);
                images
            }
            None => existing.to_vec(),
        };
        let wanted = self.primary.clone().flatten();
        if let Some(url) = &wanted {
            check_url("primary_image", url)?;
        }
        if let Some(url) = wanted.as_ref().filter(|url| images.iter().all(|image| image.image_url != **url)) {
            images.insert(0, new(url));
            number(&mut images);
        }
        if images.len() > MOST {
            return Err(Problem::new("images", format!("must be at most {MOST}")));
        }
        let first = images.first().map(|image| image.image_url.clone());
        let primary = wanted.or(first);
        for image in &mut images {
            image.is_primary = Some(&image.image_url) == primary.as_ref();
        }
        Ok(images)
    }
}

/// A picture that a seller sent for a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SentImage {
    pub(crate) upload_id: UploadId,
    pub(crate) owner_id: UserId,
    pub(crate) product_id: ProductId,
    pub(crate) url: String,
    pub(crate) thumbnail_url: Option<String>,
    pub(crate) make_primary: bool,
    /// After the last, if none is wished.
    pub(crate) display_order: Option<i32>,
}

/// The images with one more; the first is primary. One whose URL is there keeps its row. `None` when there is no room.
pub(crate) fn with(
    mut images: Vec<ProductImage>,
    sent: &SentImage,
    id: ImageId,
    now: DateTime<Utc>,
) -> Option<Vec<ProductImage>> {
    if images.iter().any(|image| image.image_url == sent.url) {
        return Some(images);
    }
    if images.len() >= MOST {
        return None;
    }
    let next = images.iter().map(|image| image.display_order + 1).max().unwrap_or(0).min(LAST_PLACE);
    let is_primary = sent.make_primary || images.is_empty();
    if is_primary {
        images.iter_mut().for_each(|image| image.is_primary = false);
    }
    images.push(ProductImage {
        id,
        product_id: sent.product_id,
        image_url: sent.url.clone(),
        thumbnail_url: sent.thumbnail_url.clone(),
        is_primary,
        display_order: sent.display_order.unwrap_or(next),
        created_at: now,
    });
    sort(&mut images);
    Some(images)
}

/// A change of one image. Answers `None` when the product has no such image.
pub(crate) fn change(
    mut images: Vec<ProductImage>,
    id: ImageId,
    make_primary: bool,
    display_order: Option<i32>,
) -> Option<Vec<ProductImage>> {
    let image = images.iter_mut().find(|image| image.id == id)?;
    image.display_order = display_order.unwrap_or(image.display_order);
    if make_primary {
        for image in &mut images {
            image.is_primary = image.id == id;
        }
    }
    sort(&mut images);
    Some(images)
}

/// The images without one; when it was primary, the first that is left takes its place. `None` when there is no such.
pub(crate) fn without(mut images: Vec<ProductImage>, id: ImageId) -> Option<Vec<ProductImage>> {
    let at = images.iter().position(|image| image.id == id)?;
    let gone = images.remove(at);
    if gone.is_primary
        && let Some(first) = images.first_mut()
    {
        first.is_primary = true;
    }
    Some(images)
}

/// Into the order in which they are shown.
pub(crate) fn sort(images: &mut [ProductImage]) {
    images.sort_by_key(|image| (image.display_order, image.id));
}

fn number(images: &mut [ProductImage]) {
    for (image, position) in images.iter_mut().zip(0..) {
        image.display_order = position;
    }
}

/// Whether it is an address that may be shown is the edge's to say; here, whether it can be kept.
fn check_url(field: &str, url: &str) -> Result<(), Problem> {
    let kept = text::within(url, 1..=LONGEST_URL).is_ok_and(|cleaned| cleaned == url);
    if kept { Ok(()) } else { Err(Problem::new(field, "must be a URL")) }
}

fn refuse_duplicates(urls: &[String]) -> Result<(), Problem> {
    let mut seen = std::collections::HashSet::new();
    match urls.iter().position(|url| !seen.insert(url)) {
        Some(at) => Err(Problem::new(format!("images[{at}]"), "is there twice")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use uuid::Uuid;

    use super::*;

    fn wish(urls: Option<&[&str]>, primary: Option<Option<&str>>) -> ImagesWish {
        ImagesWish {
            urls: urls.map(|urls| urls.iter().map(|url| (*url).to_owned()).collect()),
            primary: primary.map(|url| url.map(str::to_owned)),
        }
    }

    fn applied(wish: &ImagesWish, existing: &[ProductImage]) -> Result<Vec<ProductImage>, Problem> {
        let next = Cell::new(existing.len() as u128 + 100);
        let next_id = || ImageId::from(Uuid::from_u128(next.replace(next.get() + 1)));
        wish.apply(Uuid::nil().into(), existing, next_id, DateTime::UNIX_EPOCH)
    }

    fn shown(images: &[ProductImage]) -> String {
        let mark = |image: &ProductImage| if image.is_primary { "*" } else { "" };
        images.iter().map(|image| format!("{}{}{} ", image.image_url, mark(image), image.display_order)).collect()
    }

    #[test]
    fn the_first_is_primary_unless_another_is_named() {
        let images = applied(&wish(Some(&["a", "b"]), None), &[]).unwrap();
        assert_eq!(shown(&images), "a*0 b1 ");
        assert_eq!(shown(&applied(&wish(Some(&["a", "b"]), Some(Some("b"))), &[]).unwrap()), "a0 b*1 ");
        assert_eq!(shown(&applied(&wish(None, Some(Some("b"))), &images).unwrap()), "a0 b*1 ");
        let second = applied(&wish(None, Some(Some("b"))), &images).unwrap();
        assert_eq!(shown(&applied(&wish(None, Some(None)), &second).unwrap()), "a*0 b1 ");
        assert_eq!(applied(&wish(None, None), &second).unwrap(), second, "nothing is said of them");
    }

    #[test]
    fn a_primary_that_is_not_among_them_is_put_in_front() {
        let images = applied(&wish(Some(&["a"]), Some(Some("x"))), &[]).unwrap();
        assert_eq!(shown(&images), "x*0 a1 ");
        let twenty: Vec<String> = (0..20).map(|n| n.to_string()).collect();
        let twenty: Vec<&str> = twenty.iter().map(String::as_str).collect();
        assert!(applied(&wish(Some(&twenty), None), &[]).is_ok());
        assert!(applied(&wish(Some(&twenty), Some(Some("x"))), &[]).is_err());
        assert_eq!(applied(&wish(Some(&["a", "a"]), None), &[]).unwrap_err().field, "images[1]");
        assert_eq!(applied(&wish(Some(&["a", "b\0"]), None), &[]).unwrap_err().field, "images[1]");
        assert_eq!(applied(&wish(None, Some(Some(""))), &[]).unwrap_err().field, "primary_image");
    }

    #[test]
    fn a_url_that_is_there_keeps_its_row() {
        let before = applied(&wish(Some(&["a", "b"]), None), &[]).unwrap();
        let after = applied(&wish(Some(&["b", "c"]), None), &before).unwrap();
        assert_eq!(after[0].id, before[1].id);
        assert!(before.iter().all(|image| image.id != after[1].id));
        assert_eq!(shown(&after), "b*0 c1 ");
    }

    #[test]
    fn when_the_primary_goes_the_first_left_takes_its_place() {
        let images = applied(&wish(Some(&["a", "b", "c"]), None), &[]).unwrap();
        let (first, second) = (images[0].id, images[1].id);
        assert_eq!(shown(&without(images.clone(), first).unwrap()), "b*1 c2 ");
        assert_eq!(shown(&without(images.clone(), second).unwrap()), "a*0 c2 ");
        assert_eq!(without(images, Uuid::nil().into()), None);
    }

    #[test]
    fn a_sent_image_comes_last_unless_it_is_told_otherwise() {
        let images = applied(&wish(Some(&["a", "b"]), None), &[]).unwrap();
        let sent = |url: &str, make_primary, display_order| SentImage {
            upload_id: Uuid::nil().into(),
            owner_id: Uuid::nil().into(),
            product_id: Uuid::nil().into(),
            url: url.to_owned(),
            thumbnail_url: None,
            make_primary,
            display_order,
        };
        let added = |images: &[ProductImage], sent: &SentImage| {
            with(images.to_vec(), sent, Uuid::from_u128(900).into(), DateTime::UNIX_EPOCH)
        };
        assert_eq!(shown(&added(&[], &sent("x", false, None)).unwrap()), "x*0 ");
        assert_eq!(shown(&added(&images, &sent("x", false, None)).unwrap()), "a*0 b1 x2 ");
        assert_eq!(shown(&added(&images, &sent("x", true, Some(0))).unwrap()), "a0 x*0 b1 ");
        assert_eq!(added(&images, &sent("b", true, None)).unwrap(), images, "it is there");
        let far = added(&images, &sent("x", false, Some(LAST_PLACE))).unwrap();
        assert_eq!(shown(&added(&far, &sent("y", false, None)).unwrap()), "a*0 b1 x1000 y1000 ");
        let twenty: Vec<String> = (0..20).map(|n| n.to_string()).collect();
        let full = applied(&wish(Some(&twenty.iter().map(String::as_str).collect::<Vec<_>>()), None), &[]).unwrap();
        assert_eq!(added(&full, &sent("x", false, None)), None);
    }

    #[test]
    fn one_image_moves_or_becomes_primary() {
        let images = applied(&wish(Some(&["a", "b"]), None), &[]).unwrap();
        let first = images[0].id;
        assert_eq!(shown(&change(images.clone(), first, false, Some(5)).unwrap()), "b1 a*5 ");
        assert_eq!(shown(&change(images.clone(), images[1].id, true, None).unwrap()), "a0 b*1 ");
        assert_eq!(change(images, Uuid::nil().into(), true, None), None);
    }
}
