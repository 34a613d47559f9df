//! What holds for any command, any text and any damage.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::commands::{Draw, HELPERS, PARTITION};
use super::*;
use Draw::*;

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Za-z][A-Za-z0-9_-]{0,8}", "[^`'\";\\p{Cc}]{1,8}"]
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z' =,()`-]{0,10}", "[^\\n\\r\\x00]{0,8}"]
}

fn any_value(draw: Draw) -> BoxedStrategy<Value> {
    match draw {
        Name => any_name().prop_map(Value::from).boxed(),
        RunId => "[0-9a-f][0-9a-f-]{0,10}".prop_map(Value::from).boxed(),
        Text => any_text().prop_map(Value::from).boxed(),
        Texts => prop::collection::vec(any_text(), 1..4).prop_map(Value::from).boxed(),
        Int => any::<i64>().prop_map(Value::from).boxed(),
        Bool => any::<bool>().prop_map(Value::from).boxed(),
        Yes => Just(Value::from(true)).boxed(),
        Options => prop::collection::vec(("[^'\\n\\r\\x00]{1,8}", any_text()), 0..4)
            .prop_map(|pairs| Value::Object(pairs.into_iter().map(|(k, v)| (k, Value::from(v))).collect()))
            .boxed(),
        Keys => {
            let key = (any_text(), 0..PARTITION.len(), any_text(), any_text()).prop_map(|(field, i, a, b)| {
                json!({"field": field, "partition_type": PARTITION[i], "input_format": a, "output_format": b})
            });
            prop::collection::vec(key, 1..4).prop_map(Value::from).boxed()
        }
        Enum(known) => prop_oneof![
            (0..known.len()).prop_map(move |i| Value::from(known[i])),
            "x[a-z' ]{1,5}".prop_map(|other| json!({ "other": other })),
        ]
        .boxed(),
    }
}

/// Any command, by way of its JSON form.
fn any_command() -> impl Strategy<Value = AnyCommand> {
    (0..HELPERS.len(), any::<u32>(), any::<prop::sample::Index>()).prop_flat_map(|(i, given, one)| {
        let (helper, required, optional, one_of) = HELPERS[i];
        let optional = optional.iter().enumerate().filter(move |(i, _)| given >> i & 1 == 1).map(|(_, f)| f);
        let one = (!one_of.is_empty()).then(|| &one_of[one.index(one_of.len())]);
        let fields: Vec<_> = required.iter().chain(optional).chain(one).collect();
        let values: Vec<_> = fields.iter().map(|(_, draw)| any_value(*draw)).collect();
        values.prop_map(move |values| {
            let names = fields.iter().map(|(name, _)| (*name).to_owned());
            let args: serde_json::Map<_, _> = names.zip(values).collect();
            serde_json::from_value(json!({ helper: args })).unwrap()
        })
    })
}

#[test]
fn every_helper_can_be_drawn() {
    let drawn: std::collections::BTreeSet<_> = HELPERS.iter().map(|(helper, ..)| *helper).collect();
    let known: std::collections::BTreeSet<_> =
        vectors().iter().map(|sql| super::super::super::helpers::name(&command(sql))).collect();
    assert_eq!(drawn, known);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_rendered_is_read_as_the_same(command in any_command()) {
        let sql = command.render(NameCheck::Unchecked).unwrap();
        prop_assert_eq!(parse(&sql).map_err(|e| format!("{sql}\n{e}")), Ok(Parsed::from(command)));
    }
}

/// A statement with its keywords in another case and other white space between its tokens.
fn respaced(sql: &str, choices: &[u8]) -> String {
    let spaces = [" ", "\n", "\t", "\r\n", "  ", "\x0C "];
    let mut out = String::new();
    let mut choices = choices.iter().copied().cycle();
    let mut was_word = false;
    for token in tokens(sql) {
        let is_word = matches!(token.kind, Kind::Word | Kind::Integer);
        let choice = usize::from(choices.next().unwrap_or(0));
        // Only between two words does white space have to stand.
        if (is_word && was_word) || choice % 3 > 0 {
            out.push_str(spaces[choice % spaces.len()]);
        }
        was_word = is_word;
        for c in sql[token.start..token.end].chars() {
            let upper = choices.next().unwrap_or(0).is_multiple_of(2);
            match c {
                c if !is_word => out.push(c),
                c if upper => out.push(c.to_ascii_uppercase()),
                c => out.push(c.to_ascii_lowercase()),
            }
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_parser_panic(text in "(?s).{0,60}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_mixture_of_tokens_makes_the_parser_panic(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "CREATE", "ALTER", "FLOW", "JOB", "SET", "STATE", "=", "(", ")", ",", "'a'", "''", "`a`", "\"", "'",
                "WITH", "IF", "NOT", "EXISTS", "1", "-", "--", "/*", ";", "\n", "ü", "\0", "TYPE", "SHOW", "RUNS",
                "IN", "PARTITION_KEY_FIELDS", "field", "CLUSTER", "SOURCE", "LAKE", "DATABASE",
            ]),
            0..24,
        ),
    ) {
        if let Err(error) = parse(&words.join(" ")) {
            prop_assert!(error.line() >= 1 && error.column() >= 1);
        }
    }

    #[test]
    fn no_damage_to_a_statement_makes_the_parser_panic(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0..4_usize, any::<char>()), 1..4),
    ) {
        let vectors = vectors();
        let mut text: Vec<char> = vectors[which.index(vectors.len())].chars().collect();
        for (at, length, new) in damage {
            let start = at.index(text.len() + 1);
            let end = (start + length).min(text.len());
            text.splice(start..end, [new]);
        }
        let sql: String = text.into_iter().collect();
        if let Err(error) = parse(&sql) {
            let before = sql.get(..error.offset()).expect("a place between two characters");
            prop_assert_eq!(error.line(), before.matches('\n').count() + 1);
            let at = format!("(offset {})", error.offset());
            prop_assert!(error.to_string().contains(&at), "{}", error);
        }
    }

    #[test]
    fn space_and_case_do_not_matter(which in any::<prop::sample::Index>(), choices in any::<[u8; 32]>()) {
        let vectors = vectors();
        let sql = &vectors[which.index(vectors.len())];
        let other = respaced(sql, &choices);
        prop_assert_eq!(parse(&other).map_err(|e| format!("{other}\n{e}")), Ok(parse(sql).unwrap()));
    }
}
