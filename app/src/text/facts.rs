//! Names of things: states, checks, fields, documents.

use kyc_wire::masked::{Difference, Field};
use kyc_wire::session::{CaptureItem, CheckGroup, CheckOutcome, Origin, Status};

use crate::text::{Say, say};

/// A state.
pub const fn status(status: Status) -> Say {
    match status {
        Status::Created => say("Waiting for document", "Wartet auf Ausweis"),
        Status::DocumentSubmitted => say("Document handed in", "Ausweis eingereicht"),
        Status::LivenessCheck => say("Liveness check", "Lebenderkennung"),
        Status::AgentVerification => say("Agent verification", "In Prüfung"),
        Status::FinalApproval => say("Final approval", "Freigabe"),
        Status::Approved => say("Approved", "Freigegeben"),
        Status::Rejected => say("Rejected", "Abgelehnt"),
        Status::CouldNotVerify => say("Could not verify", "Nicht prüfbar"),
        Status::Expired => say("Expired", "Abgelaufen"),
        Status::Abandoned => say("Broken off", "Abgebrochen"),
        Status::Unknown => say("Unknown state", "Unbekannter Stand"),
    }
}

/// A channel.
pub fn channel(code: &str) -> Say {
    match code {
        "audio_upload" => say("Audio and upload", "Telefon und Upload"),
        _ => say("Video", "Video"),
    }
}

/// A group of checks.
pub const fn group(group: CheckGroup) -> Say {
    match group {
        CheckGroup::Document => say("Document", "Ausweis"),
        CheckGroup::Face => say("Face", "Gesicht"),
        CheckGroup::Liveness => say("Liveness", "Lebenderkennung"),
        CheckGroup::Data => say("Data and watchlists", "Daten und Listen"),
    }
}

/// An outcome, in one or two words.
pub const fn outcome(outcome: Option<CheckOutcome>) -> Say {
    match outcome {
        Some(CheckOutcome::Passed) => say("fine", "in Ordnung"),
        Some(CheckOutcome::Review) => say("needs your eye", "bitte ansehen"),
        Some(CheckOutcome::Failed) => say("failed", "nicht bestanden"),
        Some(CheckOutcome::NewCapture) => say("new photo needed", "neue Aufnahme nötig"),
        Some(CheckOutcome::Pending) => say("waiting…", "wartet…"),
        None => say("not part of this check", "nicht Teil der Prüfung"),
    }
}

/// A kind of document.
pub fn document(code: &str) -> Say {
    match code {
        "passport" => say("Passport", "Reisepass"),
        "id_card" => say("Identity card", "Personalausweis"),
        "residence_permit" => say("Residence permit", "Aufenthaltstitel"),
        "drivers_license" => say("Driving licence", "Führerschein"),
        _ => say("Other document", "Anderer Ausweis"),
    }
}

/// What can be captured again.
pub const fn capture(item: CaptureItem) -> Say {
    match item {
        CaptureItem::DocumentFront => say("Front of the document", "Vorderseite des Ausweises"),
        CaptureItem::DocumentBack => say("Back of the document", "Rückseite des Ausweises"),
        CaptureItem::Face => say("Face", "Gesicht"),
    }
}

/// Where a value comes from.
pub const fn origin(origin: Origin) -> Say {
    match origin {
        Origin::Claim => say("application", "Antrag"),
        Origin::Document => say("document", "Ausweis"),
    }
}

/// A field.
pub const fn field(field: Field) -> Say {
    match field {
        Field::FullName => say("Name", "Name"),
        Field::BirthDate => say("Date of birth", "Geburtsdatum"),
        Field::DocumentNumber => say("Document number", "Ausweisnummer"),
        Field::Address => say("Address", "Anschrift"),
        Field::Email => say("E-mail", "E-Mail"),
        Field::Phone => say("Phone", "Telefon"),
        Field::IpAddress => say("IP address", "IP-Adresse"),
        Field::CardNumber => say("Card number", "Kartennummer"),
    }
}

/// What differs, in words that say where the difference lies.
pub const fn difference(field: Field, how: Difference) -> Say {
    match field {
        Field::FullName => name_differs(how),
        Field::BirthDate => birth_date_differs(how),
        Field::DocumentNumber => match how {
            Difference::Spelling => {
                say("Document number differs in a character or two", "Die Ausweisnummer weicht in ein, zwei Zeichen ab")
            }
            _ => say("Document number differs from the application", "Die Ausweisnummer weicht vom Antrag ab"),
        },
        Field::Address => match how {
            Difference::Part | Difference::Spelling => {
                say("Part of the address differs from the application", "Ein Teil der Anschrift weicht vom Antrag ab")
            }
            _ => say(
                "Address on the document differs from the application",
                "Die Anschrift im Ausweis weicht vom Antrag ab",
            ),
        },
        Field::Email => say("E-mail differs from the application", "Die E-Mail-Adresse weicht vom Antrag ab"),
        Field::Phone => say("Phone number differs from the application", "Die Telefonnummer weicht vom Antrag ab"),
        Field::IpAddress => say("IP address differs", "Die IP-Adresse weicht ab"),
        Field::CardNumber => say("Card number differs from the application", "Die Kartennummer weicht vom Antrag ab"),
    }
}

const fn name_differs(how: Difference) -> Say {
    match how {
        Difference::Spelling => {
            say("Name is spelt differently on the document", "Der Name ist im Ausweis anders geschrieben")
        }
        Difference::Part => {
            say("Part of the name differs from the application", "Ein Teil des Namens weicht vom Antrag ab")
        }
        _ => say("Name on the document differs from the application", "Der Name im Ausweis weicht vom Antrag ab"),
    }
}

const fn birth_date_differs(how: Difference) -> Say {
    match how {
        Difference::Year => say(
            "Birth year on the document differs from the application",
            "Das Geburtsjahr im Ausweis weicht vom Antrag ab",
        ),
        Difference::DayOrMonth => {
            say("Day or month of birth differs from the application", "Tag oder Monat der Geburt weicht vom Antrag ab")
        }
        _ => say(
            "Date of birth on the document differs from the application",
            "Das Geburtsdatum im Ausweis weicht vom Antrag ab",
        ),
    }
}

/// Why a difference in this field matters, and what may explain it innocently.
pub const fn why(field: Field) -> Say {
    match field {
        Field::FullName => say(
            "May be a maiden name, a second first name or another spelling. Ask, then compare letter by letter.",
            "Vielleicht ein Geburtsname, ein zweiter Vorname oder eine andere Schreibweise. Fragen Sie nach und vergleichen Sie Buchstabe für Buchstabe.",
        ),
        Field::BirthDate => say(
            "Often a typing error in the application, sometimes another person's document. Ask for the date; do not read it out.",
            "Oft ein Tippfehler im Antrag, manchmal der Ausweis einer anderen Person. Fragen Sie nach dem Datum; lesen Sie es nicht vor.",
        ),
        Field::DocumentNumber => say(
            "A renewed document has a new number. Ask to see it again, and compare with the picture.",
            "Ein neuer Ausweis hat eine neue Nummer. Lassen Sie ihn sich noch einmal zeigen und vergleichen Sie mit dem Bild.",
        ),
        Field::Address => say(
            "People move before their document follows. Ask since when the new address holds.",
            "Nach einem Umzug ist der Ausweis oft noch nicht geändert. Fragen Sie, seit wann die neue Anschrift gilt.",
        ),
        _ => say(
            "Ask the customer and compare with the document.",
            "Fragen Sie nach und vergleichen Sie mit dem Ausweis.",
        ),
    }
}
