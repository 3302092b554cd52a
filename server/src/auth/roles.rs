//! From the claims of an identity provider to roles and queues. Nobody has a role that no rule gives.

use kyc_wire::me::Role;
use serde_json::Value;

use crate::config::auth::RoleRule;

/// Roles, and queues each with the role in it, by these rules. A person without a role gets neither.
pub fn map(rules: &[RoleRule], claims: &Value) -> (Vec<Role>, Vec<(Role, String)>) {
    let mut roles = Vec::new();
    let mut queues = Vec::new();
    for rule in rules.iter().filter(|rule| has(claims, &rule.claim, &rule.value)) {
        roles.push(rule.role);
        queues.extend(rule.queues.iter().map(|queue| (rule.role, queue.clone())));
    }
    roles.sort_unstable();
    roles.dedup();
    queues.sort_unstable();
    queues.dedup();
    (roles, queues)
}

/// Whether the claim at `path` is `value`, or a list that holds it. A claim whose own name has dots (a URI) is found whole.
fn has(claims: &Value, path: &str, value: &str) -> bool {
    let found = claims.get(path).or_else(|| path.split('.').try_fold(claims, |node, part| node.get(part)));
    match found {
        Some(Value::String(text)) => text == value,
        Some(Value::Array(list)) => list.iter().any(|item| item.as_str() == Some(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule(claim: &str, value: &str, role: Role) -> RoleRule {
        RoleRule { claim: claim.to_owned(), value: value.to_owned(), role, queues: vec!["retail-de".to_owned()] }
    }

    #[test]
    fn lists_nested_claims_and_uris_are_found() {
        let rules = [
            rule("roles", "kyc-agent", Role::Agent),
            rule("realm_access.roles", "kyc-supervisor", Role::Supervisor),
            rule("https://bank.example/role", "kyc-auditor", Role::Auditor),
        ];
        let claims = json!({ "roles": ["x", "kyc-agent"], "realm_access": { "roles": ["kyc-supervisor"] }, "https://bank.example/role": "kyc-auditor" });
        let (roles, queues) = map(&rules, &claims);
        assert_eq!(roles, [Role::Agent, Role::Supervisor, Role::Auditor]);
        let everywhere: Vec<(Role, String)> = roles.into_iter().map(|role| (role, "retail-de".to_owned())).collect();
        assert_eq!(queues, everywhere);
    }

    #[test]
    fn a_role_counts_in_its_own_queues_only() {
        let mut rules = [rule("roles", "a", Role::Agent), rule("roles", "s", Role::Supervisor)];
        rules[0].queues = vec!["*".to_owned()];
        let (_, queues) = map(&rules, &json!({ "roles": ["a", "s"] }));
        assert_eq!(queues, [(Role::Agent, "*".to_owned()), (Role::Supervisor, "retail-de".to_owned())]);
    }

    #[test]
    fn who_matches_no_rule_has_no_role() {
        let rules = [rule("roles", "kyc-agent", Role::Agent)];
        for claims in [
            json!({}),
            json!({ "roles": "kyc-agents" }),
            json!({ "roles": { "kyc-agent": true } }),
            json!({ "roles": [1] }),
        ] {
            assert_eq!(map(&rules, &claims), (vec![], vec![]));
        }
    }
}
