//! What is taken as a file of a kind: decided by its first bytes, whatever it is called.

use media_files::kind::Kind;
use media_files::{Refusal, sniff};

use crate::domain::intent::UploadKind;

const PICTURES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];
const VIDEOS: [&str; 3] = ["video/mp4", "video/quicktime", "video/webm"];

/// Whether a file may be announced so.
pub(crate) fn may_be_declared(kind: UploadKind, content_type: &str) -> bool {
    if kind.is_video() { VIDEOS.contains(&content_type) } else { PICTURES.contains(&content_type) }
}

/// What the bytes are, if that is taken as a file of this kind.
///
/// # Errors
/// It is not.
pub(crate) fn decide(kind: UploadKind, head: &[u8]) -> Result<Kind, Refusal> {
    sniff(head).filter(|found| found.is_video() == kind.is_video()).ok_or(Refusal::Unsupported)
}

/// How the name of the served copy of a video ends: it is known before anything is made of the file.
pub(crate) fn served_extension_of_video(kind: Kind) -> &'static str {
    if kind == Kind::WebM { Kind::WebM.extension() } else { Kind::Mp4.extension() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_no_video_and_the_reverse() {
        let (jpeg, mp4) = (b"\xff\xd8\xff\xe0", b"\0\0\0\x10ftypmp42\0\0\0\0");
        assert_eq!(decide(UploadKind::Avatar, jpeg), Ok(Kind::Jpeg));
        assert_eq!(decide(UploadKind::ReelVideo, mp4), Ok(Kind::Mp4));
        assert_eq!(decide(UploadKind::ReelVideo, jpeg), Err(Refusal::Unsupported));
        assert_eq!(decide(UploadKind::Image, mp4), Err(Refusal::Unsupported));
        assert_eq!(decide(UploadKind::Image, b"<svg xmlns="), Err(Refusal::Unsupported));
    }

    #[test]
    fn what_may_be_announced_follows_from_the_kind() {
        assert!(
            may_be_declared(UploadKind::Image, "image/webp") && !may_be_declared(UploadKind::Image, "image/svg+xml")
        );
        assert!(may_be_declared(UploadKind::ReelVideo, "video/quicktime"));
        assert!(
            !may_be_declared(UploadKind::ReelVideo, "image/png") && !may_be_declared(UploadKind::Avatar, "video/mp4")
        );
    }
}
