//! Architect's expressions, as far as our flow uses them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Variables by their full name, such as `Flow.action`.
pub type Variables = BTreeMap<String, Value>;

/// What an expression comes to.
pub fn value(text: &str, variables: &Variables) -> Value {
    let mut reader = Reader { tokens: tokens(text), at: 0, variables };
    let value = reader.any_of();
    assert_eq!(reader.at, reader.tokens.len(), "{text}: it goes on after its end");
    value
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Text(String),
    Number(String),
    Sign(String),
}

fn tokens(text: &str) -> Vec<Token> {
    let letters: Vec<char> = text.chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    let run = |from: usize, fits: &dyn Fn(char) -> bool| {
        letters[from..].iter().take_while(|letter| fits(**letter)).collect::<String>()
    };
    while at < letters.len() {
        let letter = letters[at];
        let taken = if letter == '"' {
            let text = run(at + 1, &|letter| letter != '"');
            at += 2;
            Token::Text(text)
        } else if letter.is_ascii_alphabetic() {
            Token::Name(run(at, &|letter| letter.is_ascii_alphanumeric() || "._".contains(letter)))
        } else if letter.is_ascii_digit() {
            Token::Number(run(at, &|letter| letter.is_ascii_digit() || letter == '.'))
        } else if letter.is_whitespace() {
            at += 1;
            continue;
        } else {
            let two: String = letters[at..].iter().take(2).collect();
            let sign = ["==", "!=", "<=", ">="].into_iter().find(|sign| **sign == two);
            Token::Sign(sign.map_or_else(|| letter.to_string(), str::to_owned))
        };
        at += match &taken {
            Token::Name(text) | Token::Text(text) | Token::Number(text) | Token::Sign(text) => text.chars().count(),
        };
        found.push(taken);
    }
    found
}

struct Reader<'a> {
    tokens: Vec<Token>,
    at: usize,
    variables: &'a Variables,
}

impl Reader<'_> {
    fn takes(&mut self, wanted: &str) -> bool {
        let is_next = match self.tokens.get(self.at) {
            Some(Token::Sign(text) | Token::Name(text)) => text == wanted,
            _ => false,
        };
        self.at += usize::from(is_next);
        is_next
    }

    fn any_of(&mut self) -> Value {
        let mut value = self.all_of();
        while self.takes("or") {
            let other = self.all_of();
            value = json!(is_true(&value) || is_true(&other));
        }
        value
    }

    fn all_of(&mut self) -> Value {
        let mut value = self.compared();
        while self.takes("and") {
            let other = self.compared();
            value = json!(is_true(&value) && is_true(&other));
        }
        value
    }

    fn compared(&mut self) -> Value {
        if self.takes("not") {
            let value = self.compared();
            return json!(!is_true(&value));
        }
        let value = self.sum();
        for sign in ["==", "!=", ">", "<"] {
            if self.takes(sign) {
                let other = self.sum();
                return json!(match sign {
                    "==" => value == other,
                    "!=" => value != other,
                    ">" => number(&value) > number(&other),
                    _ => number(&value) < number(&other),
                });
            }
        }
        value
    }

    fn sum(&mut self) -> Value {
        let mut value = self.one();
        loop {
            let other = if self.takes("+") {
                number(&self.one())
            } else if self.takes("-") {
                -number(&self.one())
            } else {
                return value;
            };
            value = whole(number(&value) + other);
        }
    }

    fn one(&mut self) -> Value {
        if self.takes("(") {
            let value = self.any_of();
            assert!(self.takes(")"), "a bracket stays open");
            return value;
        }
        let token = self.tokens.get(self.at).cloned().expect("an operand");
        self.at += 1;
        match token {
            Token::Text(text) => json!(text),
            Token::Number(text) => whole(text.parse().unwrap()),
            Token::Name(name) if self.takes("(") => {
                let arguments = self.arguments();
                call(&name, &arguments)
            }
            Token::Name(name) if name == "true" || name == "false" => json!(name == "true"),
            Token::Name(name) => self.variables.get(&name).unwrap_or_else(|| panic!("{name} is not declared")).clone(),
            Token::Sign(sign) => panic!("{sign} is no operand"),
        }
    }

    fn arguments(&mut self) -> Vec<Value> {
        let mut all = Vec::new();
        while !self.takes(")") {
            all.push(self.any_of());
            self.takes(",");
        }
        all
    }
}

fn call(name: &str, arguments: &[Value]) -> Value {
    match (name, arguments) {
        ("Append", parts) => json!(parts.iter().map(text).collect::<String>()),
        ("If", [condition, yes, no]) => {
            if is_true(condition) {
                yes.clone()
            } else {
                no.clone()
            }
        }
        ("IsNotSetOrEmpty", [value]) => json!(text(value).is_empty()),
        ("ToString" | "FindSkill", [value]) => json!(text(value)),
        ("ToDecimal" | "ToInt", [value]) => match text(value).as_str() {
            "" => json!(0),
            digits => whole(digits.parse().unwrap_or_else(|_| panic!("{name}({digits})"))),
        },
        _ => panic!("{name} with {} arguments is not a function of our flow", arguments.len()),
    }
}

fn is_true(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| panic!("{value} is neither true nor false"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[expect(clippy::cast_possible_truncation, reason = "it has no fraction")]
fn whole(number: f64) -> Value {
    if number.fract() == 0.0 { json!(number as i64) } else { json!(number) }
}

/// A value as text; nothing for what is not set.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn expressions_are_read_as_architect_reads_them() {
    let variables = Variables::from([("Flow.a".to_owned(), json!("x")), ("Flow.n".to_owned(), json!(2))]);
    for (expression, wanted) in [
        (r#"Flow.a == "x" and not Flow.n > 2"#, json!(true)),
        (r#"Flow.a == "y" or Flow.n - 1 == 1"#, json!(true)),
        (r#"Append("E-", Flow.n, "-", Flow.a)"#, json!("E-2-x")),
        ("ToString(If(Flow.n > 1, Flow.n + 1, 0))", json!("3")),
        (r#"ToDecimal("0.5")"#, json!(0.5)),
        (r#"IsNotSetOrEmpty("")"#, json!(true)),
    ] {
        assert_eq!(value(expression, &variables), wanted, "{expression}");
    }
}
