//! The names of objects: made here, with a part that nobody guesses, and no other object ever gets the same.
//!
//! Always true: the keys of an upload follow from its row, so that work that is done again writes the same objects; an
//! object under one of our folders whose name is of this form belongs to the upload that it names, or to nothing.

use commerce_types::{ProductId, UploadId};

use crate::domain::intent::UploadKind;

/// Where received objects lie: never public.
pub(crate) const RECEIVED: &str = "received/";
/// Every folder that this service writes to.
pub(crate) const FOLDERS: [&str; 6] = [RECEIVED, "products/", "reels/", "images/", "avatars/", "offers/"];

const THUMBNAIL: &str = "_400.jpg";
/// What pictures are served as.
const PICTURES: [&str; 3] = ["jpg", "png", "gif"];
const LONGEST: usize = 200;
/// A UUID, a hyphen, and the secret in hexadecimal digits.
const ID: usize = 36;
const NAME: usize = ID + 1 + 32;

/// Of the received object.
pub(crate) fn received(id: UploadId, secret: &str) -> String {
    format!("{RECEIVED}{id}-{secret}")
}

/// Of the served copy.
pub(crate) fn served(stem: &str, extension: &str) -> String {
    format!("{stem}.{extension}")
}

/// Of the thumbnail.
pub(crate) fn thumbnail(stem: &str) -> String {
    format!("{stem}{THUMBNAIL}")
}

/// What the keys of all that is served of an upload begin with.
pub(crate) fn stem(kind: UploadKind, product_id: Option<ProductId>, id: UploadId, secret: &str) -> String {
    let product = product_id.map(String::from).unwrap_or_default();
    match kind {
        UploadKind::ProductImage => format!("products/{product}/images/{id}-{secret}"),
        UploadKind::ReelVideo => format!("reels/{product}/{id}-{secret}"),
        UploadKind::Image => format!("images/{id}-{secret}"),
        UploadKind::Avatar => format!("avatars/{id}-{secret}"),
        UploadKind::OfferImage => format!("offers/{id}-{secret}"),
    }
}

/// All that may have been written under a picture's stem.
pub(crate) fn of_picture(stem: &str) -> Vec<String> {
    PICTURES.iter().map(|extension| served(stem, extension)).chain([thumbnail(stem)]).collect()
}

/// Whether it can be a key at all.
pub(crate) fn is_key(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"/._-".contains(&byte);
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(plain) && FOLDERS.iter().any(|it| text.starts_with(it))
}

/// The upload that a key of ours names; `None` for objects of others.
pub(crate) fn upload_id(key: &str) -> Option<UploadId> {
    FOLDERS.iter().find(|folder| key.starts_with(**folder))?;
    let name = key.rsplit('/').next()?.get(..NAME)?;
    let (id, secret) = name.split_at_checked(ID)?;
    let secret = secret.strip_prefix('-')?;
    let is_secret = secret.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    id.parse().ok().filter(|_| is_secret)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn id() -> UploadId {
        Uuid::from_u128(0x0192_f6a2_7c1e_7b3a_9f00_0123_4567_89ab).into()
    }

    #[test]
    fn every_key_is_one_and_names_its_upload() {
        let product = Some(Uuid::from_u128(7).into());
        let stems = UploadKind::ALL.iter().map(|kind| stem(*kind, product, id(), SECRET));
        let keys = stems.flat_map(|stem| of_picture(&stem)).chain([received(id(), SECRET)]);
        for key in keys {
            assert!(is_key(&key), "{key}");
            assert_eq!(upload_id(&key), Some(id()), "{key}");
        }
    }

    #[test]
    fn what_is_no_key_is_none() {
        for text in ["", "..", "../x", "images//", "secret/x", "images/É.jpg", "images/a\0", "images/A.jpg", "products"]
        {
            assert!(!is_key(text) || upload_id(text).is_none(), "{text:?}");
        }
        assert!(!is_key(&format!("images/{}", "a".repeat(194))));
        assert!(is_key(&format!("images/{}", "a".repeat(193))));
    }

    #[test]
    fn objects_of_others_name_no_upload() {
        let id = id();
        let others = [
            "videos/dune.mp4".to_owned(),
            format!("images/{id}.jpg"),
            format!("others/{id}-{SECRET}"),
            format!("images/{id}-{}.jpg", "z".repeat(32)),
        ];
        for key in others {
            assert_eq!(upload_id(&key), None, "{key}");
        }
    }
}
