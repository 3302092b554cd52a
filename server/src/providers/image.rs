//! Pictures at a provider: what there is, and which.

use std::fmt;

use kyc_wire::session::CaptureItem;
use zeroize::Zeroizing;

use super::ProviderRef;

/// A larger picture is not read to its end: as large as an upload may be.
pub const LARGEST_IMAGE: usize = 10 * 1000 * 1000;

/// A picture that a provider has.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    /// What it shows.
    pub item: CaptureItem,
    /// Its ids. They are checked, and the address is made of them and of the configuration: whatever address an answer names is not read.
    pub id: ProviderRef,
}

/// The bytes of a picture as the provider sent them: nobody has looked at them yet. Wiped when dropped.
pub type ImageBytes = Zeroizing<Vec<u8>>;

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({})", self.item.as_str())
    }
}
