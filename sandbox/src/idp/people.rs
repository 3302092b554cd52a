//! Invented people of an invented bank.

/// Somebody who can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Short name for `login_hint` and `auto`.
    pub login: String,
    /// The `sub` claim. It resembles nothing else, so that nobody takes it for a name.
    pub sub: String,
    /// The `name` claim.
    pub name: String,
    /// What the page says below the name.
    pub duty: String,
    /// The `roles` claim; empty for people without access.
    pub roles: Vec<String>,
    /// The `queues` claim.
    pub queues: Vec<String>,
}

impl Person {
    fn new(login: &str, sub: &str, name: &str, duty: &str) -> Self {
        let [login, sub, name, duty] = [login, sub, name, duty].map(str::to_owned);
        Self { login, sub, name, duty, roles: Vec::new(), queues: Vec::new() }
    }

    /// The `email` claim: by it the contact centre knows her too.
    pub fn email(&self) -> String {
        format!("{}@bank.example", self.login)
    }

    fn with(mut self, role: &str, queues: &[&str]) -> Self {
        self.roles = vec![role.to_owned()];
        self.queues = queues.iter().map(|&queue| queue.to_owned()).collect();
        self
    }
}

/// Two agents, two supervisors, an auditor, an administrator, and one person without a role.
pub fn people() -> Vec<Person> {
    const ALL: &[&str] = &["retail-de", "retail-at", "business-de"];
    vec![
        Person::new("mira", "7c1e0f52-9a3d", "Mira Lindqvist", "Agent, Retail DE").with("kyc-agent", &["retail-de"]),
        Person::new("tomas", "b84d2a17-51c6", "Tomás Okafor", "Agent, Retail DE and AT")
            .with("kyc-agent", &["retail-de", "retail-at"]),
        Person::new("jo", "2f96e3c8-0d7b", "Jo Abara", "Supervisor, all queues").with("kyc-supervisor", ALL),
        Person::new("ines", "d3570ab9-6e14", "Ines Corvo", "Supervisor, all queues").with("kyc-supervisor", ALL),
        Person::new("sanna", "e05b71d4-c28f", "Sanna Weiss", "Auditor, read only").with("kyc-auditor", ALL),
        Person::new("ravi", "41a9d6b3-77e2", "Ravi Lund", "Administrator").with("kyc-admin", &[]),
        Person::new("noa", "98f3c4e6-1b5a", "Noa Brandt", "Facilities, no access to KYC Desk"),
    ]
}
