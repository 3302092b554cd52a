//! Reads what the server sends: JSON becomes a tree, and the tree is taken apart field by field.
//!
//! Serde's derived readers accept the same, but each is a program of its own; together they were a fifth of what a browser
//! had to download. The tests below read whatever serde writes.

mod answers;

use std::collections::BTreeMap;

use kyc_wire::ids::{Micros, NoteId, PersonId, SessionId, SignInId, TxnId};
use kyc_wire::text::Localised;
pub use serde_json::Value;

/// What can be read from JSON.
pub trait Read: Sized {
    /// Reads it; nothing when `from` is something else. What is absent is read as null.
    fn read(from: &Value) -> Option<Self>;
}

/// Reads a whole text.
pub fn read<T: Read>(text: &str) -> Option<T> {
    T::read(&tree(text)?)
}

/// Reads one field of an object.
pub fn field<T: Read>(of: &Value, name: &str) -> Option<T> {
    T::read(of.get(name).unwrap_or(&Value::Null))
}

/// The text of one field of an object, such as the kind of a tagged enum.
pub fn tag<'a>(of: &'a Value, name: &str) -> Option<&'a str> {
    of.get(name)?.as_str()
}

fn tree(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

impl Read for String {
    fn read(from: &Value) -> Option<Self> {
        from.as_str().map(str::to_owned)
    }
}

impl Read for bool {
    fn read(from: &Value) -> Option<Self> {
        from.as_bool()
    }
}

impl Read for u64 {
    fn read(from: &Value) -> Option<Self> {
        from.as_u64()
    }
}

impl Read for u32 {
    fn read(from: &Value) -> Option<Self> {
        from.as_u64()?.try_into().ok()
    }
}

impl Read for u16 {
    fn read(from: &Value) -> Option<Self> {
        from.as_u64()?.try_into().ok()
    }
}

impl<T: Read> Read for Option<T> {
    fn read(from: &Value) -> Option<Self> {
        if from.is_null() { Some(None) } else { T::read(from).map(Some) }
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(from: &Value) -> Option<Self> {
        let from = from.as_array()?;
        let mut all = Self::with_capacity(from.len());
        for item in from {
            all.push(T::read(item)?);
        }
        Some(all)
    }
}

impl Read for Micros {
    fn read(from: &Value) -> Option<Self> {
        from.as_i64().map(Self)
    }
}

impl Read for Localised {
    fn read(from: &Value) -> Option<Self> {
        let mut all = BTreeMap::new();
        for (language, text) in from.as_object()? {
            all.insert(language.clone(), String::read(text)?);
        }
        Some(Self::from(all))
    }
}

/// Ids, as they are written in JSON.
macro_rules! ids {
    ($($name:ident)+) => { $(impl Read for $name {
        fn read(from: &Value) -> Option<Self> {
            from.as_str()?.parse().ok()
        }
    })+ };
}

ids! { NoteId PersonId SessionId SignInId TxnId }

#[cfg(test)]
mod tests {
    use core::fmt::Debug;

    use kyc_wire::list::{Floor, SessionPage, View};
    use kyc_wire::masked::{Agreement, Difference, Field, MaskedValue, RevealedValue};
    use kyc_wire::me::{Me, RefusalCode, Role, SignInOptions, SignedOut, Txn, TxnState};
    use kyc_wire::problem::{Problem, ProblemCode};
    use kyc_wire::session::{
        Act, Attention, Blocker, CaptureItem, CheckGroup, CheckOutcome, HandOverCause, Mark, Presence, ProviderPhase,
        SessionDetail, Status, Who,
    };
    use kyc_wire::sign_ins::{Browser, SignInList};
    use kyc_wire::stream::StreamEvent;
    use serde::de::DeserializeOwned;

    use super::*;

    /// Both readers make the same of a text.
    fn same<T: Read + DeserializeOwned + Debug>(text: &str) -> Option<T> {
        let (ours, theirs) = (read::<T>(text), serde_json::from_str::<T>(text).ok());
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"), "{text}");
        ours
    }

    const ID: &str = "01890000-0000-7000-8000-000000000001";

    fn summary() -> String {
        format!(
            r#""id":"{ID}","version":4,"status":"final_approval","queue":"KYC","customer_id":"C-1","channel":"video",
            "provider":"veriff","created_at":-5,"state_since":6,"holder":null,"last_holder":{{"id":"{ID}","name":"A. B."}},
            "flag":{{"reason":"doubt","at":7}},"attempt":1,"attempts_allowed":3,
            "presence":{{"presence":"lost","since":8}},
            "attention":[{{"kind":"flagged"}},{{"kind":"mismatch","of":"birth_date"}},{{"kind":"check_failed","of":"face"}}]"#
        )
    }

    fn detail() -> String {
        let evidence = r#""conversation_id":"c","provider_view":{"name":"veriff","phase":"slow","since":1,"console_url":null},
            "document":{"document_type":"passport","country":"DEU","valid_until":null,"is_expired":true},
            "fields":[{"field":"full_name","claim":{"field":"full_name","text":"Mara Keller"},"document":null,
                "agreement":{"agreement":"differs","difference":"part"}}],
            "checks":[{"group":"face","outcome":"new_capture","provider_code":"x","explanation":{"en":"a","de":"b"},
                "look_at":null,"at":9}],
            "checklist":[{"code":"a","label":{"en":"a"},"mark":"open"}],
            "uploads":[{"source":"provider","item":"document_back","at":10}],
            "asked":{"items":[{"item":"face","reason":"glare","at":11,"is_there":false}],"message":"m"}"#;
        let past = format!(
            r#""notes":[{{"id":"{ID}","author":{{"id":"{ID}","name":"n"}},"at":1,"text":"t"}}],
            "timeline":[{{"at":1,"action":"a","who":{{"kind":"person","id":"{ID}","name":"n"}},"reason":null,"status":"approved",
                "fields":["email"],"is_refused":false}}],
            "decisions":[{{"act":"propose","by":{{"id":"{ID}","name":"n"}},"at":1,"reason":"r","result_version":2}}],
            "clocks":{{"now":1,"process_used_seconds":2,"process_limit_seconds":3,"is_process_running":true,
                "connect_by":null,"resume_by":4,"lease_until":null,"retention":[{{"class":"results","purge_at":5,"is_held":true}}]}},
            "handed_over":{{"cause":"poor_picture","error_ref":"E-1","attempts":3,"best_permille":620,"needed_permille":800,
                "frame_height":null,"needed_height":480}},
            "offers":[{{"act":"approve","blocked_by":"own_case"}}],"asked_enough":["face"],"can_start_anew":false,"is_mine":false,"later":[1.5,{{}}]"#
        );
        format!("{{{},{evidence},{past}}}", summary())
    }

    #[test]
    fn a_session_is_read_as_serde_reads_it() {
        let detail = same::<SessionDetail>(&detail()).expect("every field is there");
        assert_eq!(detail.summary.created_at, Micros(-5));
        assert_eq!(detail.fields[0].claim.as_ref().map(MaskedValue::text), Some("M••• K•••"), "masked once more");
        let list = format!(r#"{{"items":[{{{}}}],"next_cursor":"n"}}"#, summary());
        assert!(same::<SessionPage>(&list).is_some());
    }

    #[test]
    fn what_lacks_a_field_or_has_a_wrong_one_is_not_read() {
        for (from, to) in
            [(r#""version":4,"#, ""), ("\"version\":4", "\"version\":-4"), (ID, "x"), ("\"open\"", "\"shut\"")]
        {
            assert!(same::<SessionDetail>(&detail().replace(from, to)).is_none(), "{to}");
        }
        assert!(same::<SessionDetail>("<html>").is_none());
        assert!(same::<SessionDetail>("[]").is_none());
    }

    #[test]
    fn every_code_is_read_as_serde_reads_it() {
        let acts = "take take_over release reveal mark note send_link recapture withdraw poor_picture escalate propose reject could_not_verify approve return \
                    reopen unflag agent supervisor auditor admin no_document no_liveness checklist_open checklist_failed own_case \
                    flagged open passed failed review new_capture pending spelling year day_or_month part whole not_started \
                    waiting_for_customer processing done slow down no_role refused unreachable other_person not_proven chrome edge firefox safari other created document_submitted \
                    poor_picture small_picture no_video not_connected no_picture capture_failed customer_asked no_reply flow_failed \
                    liveness_check agent_verification final_approval approved rejected expired abandoned document_front document_back unknown brand_new";
        let known =
            [Field::ALL.iter().map(|field| field.as_str()).collect::<Vec<_>>(), acts.split(' ').collect()].concat();
        let views =
            View::ALL.iter().map(|view| view.as_str()).chain(CheckGroup::ALL.iter().map(|group| group.as_str()));
        for code in known.into_iter().chain(views).chain(ProblemCode::ALL.iter().map(|code| code.as_str())) {
            let text = format!("\"{code}\"");
            same::<Act>(&text);
            same::<Blocker>(&text);
            same::<Browser>(&text);
            same::<CaptureItem>(&text);
            same::<CheckGroup>(&text);
            same::<CheckOutcome>(&text);
            same::<Difference>(&text);
            same::<Field>(&text);
            same::<HandOverCause>(&text);
            same::<Mark>(&text);
            same::<ProblemCode>(&text);
            same::<ProviderPhase>(&text);
            same::<RefusalCode>(&text);
            same::<Role>(&text);
            same::<Status>(&text);
            same::<View>(&text);
        }
    }

    #[test]
    fn every_tagged_enum_is_read_as_serde_reads_it() {
        for tag in ["kind", "presence", "agreement", "state", "event"] {
            for code in
                "flagged check_failed mismatch check_review new_capture provider_slow provider_down no_claims not_connected \
                 connected lost agrees differs only_claimed only_on_document person flow bank provider system pending redeemed \
                 refused hello changed signed_out later"
                    .split(' ')
            {
                for of in ["face", "email"] {
                    let text = format!(
                        r#"{{"{tag}":"{code}","of":"{of}","since":1,"difference":"part","name":"n","id":"{ID}","code":"no_role",
                        "session_id":"{ID}","version":3}}"#
                    );
                    same::<Agreement>(&text);
                    same::<Presence>(&text);
                    same::<StreamEvent>(&text);
                    same::<TxnState>(&text);
                    same::<Who>(&text);
                }
            }
        }
    }

    #[test]
    fn what_needs_an_eye_is_read_as_serde_reads_it() {
        for code in ["flagged", "provider_slow", "provider_down", "no_claims", "later"] {
            same::<Attention>(&format!(r#"{{"kind":"{code}"}}"#));
        }
        for (code, of) in
            [("check_failed", "face"), ("mismatch", "email"), ("check_review", "data"), ("new_capture", "email")]
        {
            same::<Attention>(&format!(r#"{{"kind":"{code}","of":"{of}"}}"#));
        }
    }

    #[test]
    fn the_other_answers_are_read_as_serde_reads_them() {
        let me = format!(
            r#"{{"id":"{ID}","name":"n","roles":["agent"],"queues":["*"],"idle_deadline":1,"absolute_deadline":2,"now":3,
            "reasons":[{{"code":"c","family":"business","acts":["reject"],"label":{{"en":"e"}}}}],"reveal_seconds":20,
            "languages":[{{"code":"de","name":"Deutsch"}}]}}"#
        );
        assert!(same::<Me>(&me).is_some());
        let sign_in = format!(
            r#"{{"id":"{ID}","person":{{"id":"{ID}","name":"n"}},"roles":["admin"],"idp":"bank","browser":"edge","created_at":1,
            "last_activity_at":2,"is_mine":true}}"#
        );
        assert!(same::<SignInList>(&format!(r#"{{"items":[{sign_in}],"has_more":false,"now":3}}"#)).is_some());
        assert!(same::<Floor>(r#"{"counts":[{"view":"live","count":2}],"oldest_wait_seconds":3}"#).is_some());
        assert!(same::<Floor>(r#"{"counts":[]}"#).is_some(), "what is optional may be absent");
        assert!(same::<SignedOut>(r#"{"at_idp":null}"#).is_some());
        assert!(same::<SignedOut>(&format!(r#"{{"at_idp":{{"txn_id":"{ID}","ticket":"t"}}}}"#)).is_some());
        assert!(same::<Txn>(&format!(r#"{{"txn_id":"{ID}","ticket":"t"}}"#)).is_some());
        assert!(same::<Txn>(&format!(r#"{{"txn_id":"{ID}","ticket":"t","code":"AB3D4FG7"}}"#)).is_some());
        assert!(same::<SignInOptions>(r#"{"idps":[{"name":"bank","label":"Bank"}],"by_code":true}"#).is_some());
        assert!(same::<RevealedValue>(r#"{"field":"email","text":"m@example.org","seconds":20}"#).is_some());
        let problem =
            r#"{"type":"about:blank","title":"t","status":409,"detail":"d","code":"stale_version","request_id":"r"}"#;
        assert!(same::<Problem>(problem).is_some());
        assert!(same::<Problem>(&problem.replace("409", "70000")).is_none());
        for text in ["null", "1", "{}", r#"{"field":"later","text":"x"}"#] {
            assert!(same::<MaskedValue>(text).is_none());
        }
    }
}
