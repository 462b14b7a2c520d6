//! Where a feed goes on, as a text that callers hand back unread.
//!
//! Always true: a cursor is good for the list that it was made for, with the same filters and of the same caller where
//! that matters, and for nothing else; nobody makes one but us.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::domain::feed::Place;
use crate::error::Error;

/// Of the signature, of which so much is kept.
const SIGNATURE: usize = 16;
/// Microseconds since 1970 and an id.
const PLACE: usize = 8 + 16;

/// Signs and reads cursors. Clones share the keys.
#[derive(Clone)]
pub(crate) struct Cursors {
    keys: Vec<Vec<u8>>,
}

impl Cursors {
    /// The first secret signs, all are accepted, so that they can be rotated.
    pub(crate) fn new(secrets: &[String]) -> Self {
        // A key of their own: what is signed here is no token, and no token is a cursor.
        let key =
            |secret: &String| mac(secret.as_bytes()).chain_update(b"cursors of reels").finalize().into_bytes().to_vec();
        Self { keys: secrets.iter().map(key).collect() }
    }

    /// `list` names the list, its filters and, where they matter, whose it is.
    pub(crate) fn write(&self, list: &str, place: Place) -> String {
        let mut bytes = place.at.timestamp_micros().to_be_bytes().to_vec();
        bytes.extend_from_slice(place.id.as_bytes());
        let signature = self.keys.first().map(|key| sign(key, list, &bytes)).unwrap_or_default();
        bytes.extend_from_slice(&signature);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// # Errors
    /// [`Error::InvalidCursor`]: not of this list, or not ours.
    pub(crate) fn read(&self, list: &str, cursor: &str) -> Result<Place, Error> {
        self.open(list, cursor).ok_or(Error::InvalidCursor)
    }

    fn open(&self, list: &str, cursor: &str) -> Option<Place> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok().filter(|bytes| bytes.len() == PLACE + SIGNATURE)?;
        let (place, signature) = bytes.split_at(PLACE);
        self.keys.iter().find(|key| is_of(key, list, place, signature))?;
        let (micros, id) = place.split_at(8);
        let at = DateTime::from_timestamp_micros(i64::from_be_bytes(micros.try_into().ok()?))?;
        Some(Place { at, id: Uuid::from_slice(id).ok()? })
    }
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn of(key: &[u8], list: &str, place: &[u8]) -> Hmac<Sha256> {
    // A place has one length, so nothing of the list's name can be taken for it.
    mac(key).chain_update(place).chain_update(list.as_bytes())
}

fn sign(key: &[u8], list: &str, place: &[u8]) -> [u8; SIGNATURE] {
    let whole = of(key, list, place).finalize().into_bytes();
    std::array::from_fn(|at| whole[at])
}

fn is_of(key: &[u8], list: &str, place: &[u8], signature: &[u8]) -> bool {
    of(key, list, place).verify_truncated_left(signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursors(secrets: &[&str]) -> Cursors {
        Cursors::new(&secrets.iter().map(|secret| (*secret).to_owned()).collect::<Vec<_>>())
    }

    const PLACE: Place = Place { at: DateTime::UNIX_EPOCH, id: Uuid::from_u128(7) };

    #[test]
    fn a_cursor_is_good_for_its_list_alone() {
        let cursors = cursors(&["one secret of thirty-two letters"]);
        let cursor = cursors.write("reels", PLACE);
        assert_eq!(cursors.read("reels", &cursor).unwrap(), PLACE);
        assert!(cursors.read("reels of somebody", &cursor).is_err());
        for forged in ["", "AAAA", &cursor[1..], &format!("{cursor}A"), &cursor.replacen('A', "B", 1), "ضضض"] {
            assert!(cursors.read("reels", forged).is_err(), "{forged}");
        }
    }

    #[test]
    fn cursors_outlive_a_rotation() {
        let old = cursors(&["the old one"]).write("reels", PLACE);
        assert!(cursors(&["the new one", "the old one"]).read("reels", &old).is_ok());
        assert!(cursors(&["the new one"]).read("reels", &old).is_err());
    }
}
