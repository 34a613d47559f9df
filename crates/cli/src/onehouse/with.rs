//! `WITH` options of statements.

use clap::Args;
use controlplane::onehouse::Options;

/// The options of a statement.
#[derive(Args, Debug, Default)]
pub(super) struct With {
    /// A WITH option; repeatable. The first `=` ends the key. Key and value are trimmed
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair, allow_hyphen_values = true)]
    options: Vec<(String, String)>,

    /// A WITH option as two arguments, not trimmed, for keys that contain `=`; repeatable
    #[arg(long, num_args = 2, value_names = ["KEY", "VALUE"], allow_hyphen_values = true)]
    option: Vec<String>,
}

impl With {
    /// Returns the options. The later of two values of one key wins.
    pub(super) fn into_options(self) -> Options {
        let mut options = Options::new();
        for (key, value) in self.options {
            options.set(key, value);
        }
        let mut words = self.option.into_iter();
        while let (Some(key), Some(value)) = (words.next(), words.next()) {
            options.set(key, value);
        }
        options
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("it has no `=`: write KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}
