//! Statements as a log may show them: on one line, cut to a length, without the secrets of their options.

use crate::secrets::{REDACTED, is_secret_key};
use crate::text::one_line;

use super::lexer::{Kind, Token, tokens};

/// The statement with the values of keys that name a secret masked, on one line of at most some `max` bytes.
///
/// What is not a statement is shown as far as its tokens are understood: beyond, nothing tells a secret from
/// the rest.
pub(super) fn masked(sql: &str, max: usize) -> String {
    let tokens = tokens(sql);
    let mut out = String::new();
    let mut shown = 0;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if matches!(token.kind, Kind::Bad(_)) {
            out.push_str(sql.get(shown..token.start).unwrap_or_default());
            out.push('…');
            return one_line(&out, max);
        }
        at += 1;
        if !names_a_secret(sql, &tokens, at - 1) {
            continue;
        }
        // Up to the comma, whatever stands there: a statement that the parser refuses is logged as well.
        let from = at + usize::from(matches!(kind(&tokens, at), Some(Kind::Equals)));
        let mut to = from;
        while !matches!(kind(&tokens, to), None | Some(Kind::Comma | Kind::Close | Kind::End | Kind::Bad(_)))
        {
            to += 1;
        }
        if let (true, Some(first), Some(last)) = (from < to, tokens.get(from), tokens.get(to - 1)) {
            out.push_str(sql.get(shown..first.start).unwrap_or_default());
            out.push_str(REDACTED);
            shown = last.end;
        }
        at = to;
    }
    out.push_str(sql.get(shown..).unwrap_or_default());
    one_line(&out, max)
}

fn kind(tokens: &[Token], at: usize) -> Option<&Kind> {
    tokens.get(at).map(|token| &token.kind)
}

/// True for the key of an option: a text that is not a value itself, or a word before `=`.
fn names_a_secret(sql: &str, tokens: &[Token], at: usize) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    let is_value = at > 0 && matches!(kind(tokens, at - 1), Some(Kind::Equals));
    let before_equals = matches!(kind(tokens, at + 1), Some(Kind::Equals));
    match &token.kind {
        Kind::Text(key) => !is_value && is_secret_key(key),
        Kind::Name(key) => before_equals && is_secret_key(key),
        Kind::Word => before_equals && is_secret_key(sql.get(token.start..token.end).unwrap_or_default()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_options_are_masked_and_nothing_else() {
        for (sql, shown) in [
            ("SHOW LAKES", "SHOW LAKES"),
            (
                "CREATE SOURCE `s`\n  TYPE = 'KAFKA'\n  WITH 'a.secret' = 'hunter2', 'b' = 'c', 'api.key'='x''y'",
                "CREATE SOURCE `s`   TYPE = 'KAFKA'   WITH 'a.secret' = [redacted], 'b' = 'c', 'api.key'=[redacted]",
            ),
            ("X WITH 'a.secret' 'hunter2'", "X WITH 'a.secret' [redacted]"),
            (
                "X WITH 'a.secret' = = hunter2 'hunter2', 'b' = 'c'",
                "X WITH 'a.secret' = [redacted], 'b' = 'c'",
            ),
            ("X PASSWORD = 'hunter2'", "X PASSWORD = [redacted]"),
            ("X `password` = hunter2", "X `password` = [redacted]"),
            ("DROP API_TOKEN `t` IN `secret`", "DROP API_TOKEN `t` IN `secret`"),
            ("SHOW TABLES LAKE = 'secret' DATABASE = 'd'", "SHOW TABLES LAKE = 'secret' DATABASE = 'd'"),
            ("X RECORD_KEY_FIELDS = ('id')", "X RECORD_KEY_FIELDS = ('id')"),
            // An open quote: from there on, nobody knows.
            ("X 'b' = 'c', 'a.secret' = 'hunter2", "X 'b' = 'c', 'a.secret' = …"),
            // Quotes out of step.
            ("X 'a.secret = 'hunter2'", "X 'a.secret = '[redacted]…"),
            ("X 'b' = 'c'; 'a.secret' = 'hunter2'", "X 'b' = 'c'…"),
        ] {
            assert_eq!(masked(sql, 500), shown);
        }
    }

    #[test]
    fn a_long_statement_is_cut() {
        let shown = masked(&format!("SHOW {}", "x".repeat(1000)), 20);
        assert!(shown.ends_with('…') && shown.len() < 30, "{shown}");
    }
}
