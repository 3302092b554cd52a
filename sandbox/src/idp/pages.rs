//! What the person sees. Buttons in a form: no script, every choice reachable by keyboard.

use std::fmt::Write as _;

use super::request::Request;
use super::{ACR_SECURITY_KEY, Person};
use crate::markup::escape;

const HEAD: &str = "<p class=\"mark\" aria-hidden=\"true\"></p>\n<p class=\"org\">Bank staff sign-in</p>";
const FOOT: &str = "<p class=\"foot\">A stand-in for your identity provider. Everybody here is invented.</p>";

/// The list of people to choose from.
pub(super) fn choice(handle: &str, people: &[Person], request: &Request, current: Option<&Person>) -> String {
    let is_step_up = request.acr() == ACR_SECURITY_KEY;
    let first = request.login_hint.as_deref().or(current.map(|person| person.login.as_str()));
    let mut sorted: Vec<&Person> = people.iter().collect();
    sorted.sort_by_key(|person| Some(person.login.as_str()) != first);
    let (title, lead) = if is_step_up {
        ("Confirm it is you", "Choosing your name here stands for touching your security key.")
    } else {
        ("Choose who you are", "Choosing a name here stands for signing in.")
    };
    format!(
        "{HEAD}\n<h1>{title}</h1>\n<p class=\"lead\">{lead}</p>\n{}\n{FOOT}",
        form(handle, &buttons(&sorted), "Cancel")
    )
}

/// One click to go on as the person this browser remembers.
pub(super) fn welcome_back(handle: &str, person: &Person, people: &[Person]) -> String {
    let others: Vec<&Person> = people.iter().filter(|other| other.login != person.login).collect();
    let name = escape(&person.name);
    let inner = format!(
        "<button class=\"primary\" name=\"login\" value=\"{}\" autofocus>Continue as {name}</button>\n\
         <details>\n<summary>Sign in as someone else</summary>\n{}</details>",
        escape(&person.login),
        buttons(&others)
    );
    format!(
        "{HEAD}\n<h1>Welcome back</h1>\n<p class=\"lead\">This browser is signed in as {name}, {}.</p>\n{}\n{FOOT}",
        escape(&person.duty),
        form(handle, &inner, "Cancel")
    )
}

/// After signing out.
pub(super) fn signed_out() -> String {
    format!("{HEAD}\n<h1>You are signed out</h1>\n<p class=\"lead\">You can close this window.</p>\n{FOOT}")
}

/// When nothing can be done here.
pub(super) fn sorry(why: &str) -> String {
    format!("{HEAD}\n<h1>That did not work</h1>\n<p class=\"lead\">{}</p>\n{FOOT}", escape(why))
}

fn form(handle: &str, inner: &str, cancel: &str) -> String {
    format!(
        "<form method=\"post\" action=\"/authorize\">\n<input type=\"hidden\" name=\"handle\" value=\"{}\">\n{inner}\n\
         <button class=\"quiet\" name=\"login\" value=\"\">{cancel}</button>\n</form>",
        escape(handle)
    )
}

fn buttons(people: &[&Person]) -> String {
    let mut list = String::from("<ul class=\"people\">\n");
    for person in people {
        let initials: String = person.name.split(' ').filter_map(|part| part.chars().next()).collect();
        let _: Result<(), _> = writeln!(
            list,
            "<li><button name=\"login\" value=\"{}\"><span class=\"face\" aria-hidden=\"true\">{}</span><span \
             class=\"who\"><b>{}</b><span>{}</span></span></button></li>",
            escape(&person.login),
            escape(&initials),
            escape(&person.name),
            escape(&person.duty)
        );
    }
    list + "</ul>\n"
}
