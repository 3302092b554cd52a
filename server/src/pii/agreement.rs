//! Whether claim and document agree, found out without showing either.

use kyc_wire::masked::{Agreement, Difference, Field, Kind};

use super::Pii;

impl<K: Kind> Pii<K> {
    /// Compares a claim with what the document says.
    pub fn compare(&self, document: &Self) -> Agreement {
        let (a, b) = (self.clear(), document.clear());
        let difference = match K::FIELD {
            Field::FullName => names(a, b),
            Field::BirthDate => dates(a, b),
            Field::DocumentNumber => numbers(a, b),
            Field::Address => addresses(a, b),
            _ => (plain(a) != plain(b)).then_some(Difference::Whole),
        };
        difference.map_or(Agreement::Agrees, |difference| Agreement::Differs { difference })
    }
}

/// Lower case, letters and digits only, accents and the like written plainly.
fn plain(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).filter_map(|c| fold(c)).collect()
}

fn fold(c: char) -> Option<&'static str> {
    const ASCII: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
    if let Some(at) = ASCII.find(c) {
        return Some(&ASCII[at..=at]);
    }
    Some(match c {
        'ä' | 'æ' => "ae",
        'ö' | 'ø' | 'œ' => "oe",
        'ü' => "ue",
        'ß' => "ss",
        'å' => "aa",
        'á' | 'à' | 'â' | 'ã' | 'ā' | 'ă' | 'ą' => "a",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'é' | 'è' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => "e",
        'ğ' | 'ģ' => "g",
        'í' | 'ì' | 'î' | 'ï' | 'ī' | 'ı' => "i",
        'ķ' => "k",
        'ł' | 'ľ' | 'ļ' => "l",
        'ñ' | 'ń' | 'ň' | 'ņ' => "n",
        'ó' | 'ò' | 'ô' | 'õ' | 'ō' | 'ő' => "o",
        'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ť' | 'ţ' | 'ț' => "t",
        'þ' => "th",
        'ú' | 'ù' | 'û' | 'ū' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ž' | 'ż' => "z",
        _ => return None,
    })
}

/// The words of a name, in alphabetical order: some documents put the family name first.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = text.split(|c: char| c.is_whitespace() || c == '-').map(plain).collect();
    words.retain(|word| !word.is_empty());
    words.sort();
    words
}

/// As [`plain`], with German umlauts as single letters too: `Müller`, `Mueller` and `Muller` are one name.
fn loose(words: &[String]) -> String {
    words.concat().replace("ae", "a").replace("oe", "o").replace("ue", "u")
}

fn names(a: &str, b: &str) -> Option<Difference> {
    let (a, b) = (words(a), words(b));
    if a.is_empty() || b.is_empty() {
        return Some(Difference::Whole);
    }
    if a == b || loose(&a) == loose(&b) {
        return None;
    }
    if distance(&loose(&a), &loose(&b)) <= 2 {
        Some(Difference::Spelling)
    } else if a.iter().any(|word| b.contains(word)) {
        Some(Difference::Part)
    } else {
        Some(Difference::Whole)
    }
}

fn dates(a: &str, b: &str) -> Option<Difference> {
    if a == b {
        return None;
    }
    let split = |text: &str| text.split_once('-').map(|(year, rest)| (year.to_owned(), rest.to_owned()));
    match (split(a), split(b)) {
        (Some((year_a, rest_a)), Some((year_b, rest_b))) if year_a != year_b && rest_a == rest_b => {
            Some(Difference::Year)
        }
        (Some((year_a, _)), Some((year_b, _))) if year_a == year_b => Some(Difference::DayOrMonth),
        _ => Some(Difference::Whole),
    }
}

fn numbers(a: &str, b: &str) -> Option<Difference> {
    let (a, b) = (plain(a), plain(b));
    let look_alike = |text: &str| text.replace('o', "0").replace(['i', 'l'], "1").replace('s', "5").replace('b', "8");
    if a == b {
        None
    } else if look_alike(&a) == look_alike(&b) || distance(&a, &b) == 1 {
        Some(Difference::Spelling)
    } else {
        Some(Difference::Whole)
    }
}

fn addresses(a: &str, b: &str) -> Option<Difference> {
    let lines = |text: &str| text.split('\n').map(plain).collect::<Vec<_>>();
    let (a, b) = (lines(a), lines(b));
    if a == b {
        None
    } else if a.get(2..) == b.get(2..) {
        Some(Difference::Part)
    } else {
        Some(Difference::Whole)
    }
}

/// Levenshtein distance; the values are short by construction.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let next = if ca == *cb { corner } else { 1 + corner.min(row[j]).min(row[j + 1]) };
            corner = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use kyc_wire::masked::{Address, BirthDate, DocumentNumber, FullName};

    use super::*;

    fn compare<K: Kind>(a: &str, b: &str) -> Agreement {
        Pii::<K>::parse(a).unwrap().compare(&Pii::parse(b).unwrap())
    }

    fn differs(difference: Difference) -> Agreement {
        Agreement::Differs { difference }
    }

    #[test]
    fn names_agree_whatever_case_order_accents_and_hyphens() {
        for other in ["MÜLLER Jörg Peter", "Joerg-Peter Mueller", "Jorg Peter Muller"] {
            assert_eq!(compare::<FullName>("Jörg Peter Müller", other), Agreement::Agrees);
        }
        assert_eq!(compare::<FullName>("Jorg Muller", "Jorg Miller"), differs(Difference::Spelling));
        assert_eq!(compare::<FullName>("Mara Keller", "Mara Winterfeld"), differs(Difference::Part));
        assert_eq!(compare::<FullName>("Mara Keller", "Ole Brandt"), differs(Difference::Whole));
    }

    #[test]
    fn letters_that_we_cannot_read_never_agree() {
        assert_eq!(compare::<FullName>("Мара Келлер", "Оле Брандт"), differs(Difference::Whole));
    }

    #[test]
    fn dates_say_what_differs() {
        assert_eq!(compare::<BirthDate>("1976-04-30", "1979-04-30"), differs(Difference::Year));
        assert_eq!(compare::<BirthDate>("1979-04-30", "1979-05-30"), differs(Difference::DayOrMonth));
        assert_eq!(compare::<BirthDate>("1979-04-30", "1979-04-30"), Agreement::Agrees);
    }

    #[test]
    fn numbers_know_what_looks_alike() {
        assert_eq!(compare::<DocumentNumber>("C01X 0006H", "c01x0006h"), Agreement::Agrees);
        assert_eq!(compare::<DocumentNumber>("CO1X0006H", "C01X0006H"), differs(Difference::Spelling));
        assert_eq!(compare::<DocumentNumber>("C01X0006H", "L22P9913K"), differs(Difference::Whole));
    }

    #[test]
    fn an_address_in_the_same_city_differs_in_part() {
        let a = "Lindenweg 4\n20095\nHamburg\nDE";
        assert_eq!(compare::<Address>(a, "Am Markt 1\n20097\nHamburg\nDE"), differs(Difference::Part));
        assert_eq!(compare::<Address>(a, "LINDENWEG 4\n20095\nHAMBURG\nDE"), Agreement::Agrees);
    }
}
