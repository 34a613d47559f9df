//! What stands after the question mark, or in a form.

use percent_encoding::percent_decode_str;

/// The parameters of a query, or of a form.
#[derive(Debug)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    #[cfg(any(feature = "h2o-workflows", feature = "hotdata"))]
    /// None may be there twice, and none that is not known; else the text says which.
    pub(crate) fn read(text: &str, known: &[&str]) -> Result<Self, String> {
        let query = Self::of(text).ok_or("the query is not UTF-8")?;
        for (place, (name, _)) in query.0.iter().enumerate() {
            let shown = crate::text::one_line(name, 40);
            if !known.contains(&name.as_str()) {
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return Err(format!("query parameter {shown} is not known; known here: {known}"));
            }
            if query.0[..place].iter().any(|(other, _)| other == name) {
                return Err(format!("query parameter {shown} is given twice"));
            }
        }
        Ok(query)
    }

    /// Any parameters; `None` if they are not UTF-8.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let decoded = |text: &str| {
            let text = text.replace('+', " ");
            Some(percent_decode_str(&text).decode_utf8().ok()?.into_owned())
        };
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decoded(name)?, decoded(value)?))
        });
        Some(Self(pairs.collect::<Option<_>>()?))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// A text that is not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|text| !text.is_empty())
    }

    /// The value of a parameter that is there exactly once.
    #[cfg(any(feature = "h2o-workflows", feature = "onehouse"))]
    pub(crate) fn only(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(other, _)| other == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }
}
