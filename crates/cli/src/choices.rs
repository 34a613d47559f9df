//! Values of which only some are known, in any case: help and completions list them.
//!
//! A service may come to know more. `controlplane SERVICE call` sends any value.

use std::ffi::OsStr;
use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};
use clap::{Arg, Command};
use controlplane::Error;

/// Returns a parser for one of these values. The argument needs `ignore_case = true` besides.
pub(crate) fn choice<E>(known: &'static [&'static str]) -> impl TypedValueParser<Value = E>
where
    E: FromStr<Err = Error> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(known).try_map(|text| text.parse::<E>())
}

/// Returns a parser for these values and any other text, which is sent as it is.
pub(crate) fn open_choice(known: &'static [&'static str]) -> OpenChoice {
    OpenChoice(known)
}

/// See [`open_choice`].
#[derive(Clone, Debug)]
pub(crate) struct OpenChoice(&'static [&'static str]);

impl TypedValueParser for OpenChoice {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().map(PossibleValue::new)))
    }
}
