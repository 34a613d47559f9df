//! Values of which only some are known, in any case.

use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use controlplane::Error;

/// Returns a parser for one of these values. The argument needs `ignore_case = true` besides.
pub(super) fn choice<E>(known: &'static [&'static str]) -> impl TypedValueParser<Value = E>
where
    E: FromStr<Err = Error> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(known).try_map(|text| text.parse::<E>())
}

pub(super) const CLUSTER_TYPES: &[&str] =
    &["Managed", "SQL", "Spark", "Open_Engines", "Notebook", "LakeBase"];
pub(super) const CLUSTER_STATES: &[&str] = &["START", "STOP"];
