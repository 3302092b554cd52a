//! Pictures of documents and faces: personal data from the first byte.

use std::fmt;

use kyc_wire::ids::{Micros, SessionId};
use kyc_wire::photo::Photo;
use zeroize::Zeroizing;

use super::vault::{DataKey, Unsealable};
use super::{Grant, GrantRefused};

/// The column that pictures are sealed for.
const COLUMN: &str = "document";

/// A picture in clear.
///
/// A picture cannot be written anywhere by accident:
///
/// ```compile_fail,E0277
/// use kyc_desk::pii::Picture;
/// fn write(picture: &Picture) -> String { serde_json::to_string(picture).unwrap() }
/// ```
///
/// and its bytes leave only against a grant:
///
/// ```compile_fail,E0616
/// use kyc_desk::pii::Picture;
/// fn peek(picture: &Picture) -> &[u8] { &picture.bytes }
/// ```
pub struct Picture {
    photo: Photo,
    bytes: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({})", self.photo.as_str())
    }
}

impl Picture {
    /// A picture as it came out of the encoder.
    pub fn new(photo: Photo, bytes: Vec<u8>) -> Self {
        Self { photo, bytes: Zeroizing::new(bytes) }
    }

    /// The bytes for one person's eyes.
    pub fn reveal(&self, grant: &Grant, session: SessionId, now: Micros) -> Result<Vec<u8>, GrantRefused> {
        if grant.covers_picture(self.photo, session, now) { Ok(self.bytes.to_vec()) } else { Err(GrantRefused) }
    }
}

impl DataKey {
    /// Seals a picture.
    pub fn seal_picture(&self, picture: &Picture) -> Vec<u8> {
        self.seal_stream(&picture.bytes, picture.photo.as_str(), COLUMN)
    }

    /// Opens the picture that is this photo.
    pub fn open_picture(&self, sealed: &[u8], photo: Photo) -> Result<Picture, Unsealable> {
        Ok(Picture { photo, bytes: self.open_stream(sealed, photo.as_str(), COLUMN)? })
    }
}
