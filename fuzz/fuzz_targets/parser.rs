//! No text makes the emulator's parser panic; where it refuses one, it points into it; and what it takes for
//! a command, and a client would send, it reads the same once it is rendered.

#![no_main]

use controlplane_emulator::onehouse::{Parsed, parse};
use controlplane::onehouse::{Command, NameCheck};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|sql: &str| {
    match parse(sql) {
        Err(error) => {
            assert!(error.offset() <= sql.len() && sql.is_char_boundary(error.offset()));
            assert!(error.line() >= 1 && error.column() >= 1);
        }
        Ok(parsed) => {
            let Some(command) = parsed.command() else { return };
            // Some strings can be read and not be sent: those with a newline, say.
            let Ok(rendered) = command.render(NameCheck::Unchecked) else { return };
            assert_eq!(parse(&rendered), Ok(Parsed::from(command.clone())), "{rendered}");
        }
    }
});
