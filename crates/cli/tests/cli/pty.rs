//! The program in front of a person: on a pseudo-terminal.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use controlplane_emulator::onehouse::Emulator;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
#[cfg(target_os = "linux")]
use rustix::termios::{LocalModes, tcgetattr};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::support::{Directory, emulator, oh, onehouse, run, statements};

/// A process on a terminal, of 80 columns unless a test says otherwise.
struct Terminal {
    child: Child,
    keyboard: File,
    pieces: mpsc::Receiver<Vec<u8>>,
    screen: String,
}

impl Terminal {
    /// Starts the process with the terminal for everything that is not redirected already.
    fn start(command: &mut Command, streams: Streams) -> Self {
        Self::with_columns(80, command, streams)
    }

    fn with_columns(columns: u16, command: &mut Command, streams: Streams) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        tcsetwinsize(&master, Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let open = || File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        command.env("TERM", "xterm").stdin(open()).stderr(open());
        command.stdout(if streams == Streams::All { Stdio::from(open()) } else { Stdio::piped() });
        let child = command.spawn().unwrap();
        // The command holds the other end too.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let keyboard = File::from(master);
        let mut reader = keyboard.try_clone().unwrap();
        let (sender, pieces) = mpsc::channel();
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            // The end is an error on Linux.
            while let Ok(length @ 1..) = reader.read(&mut piece) {
                let _ = sender.send(piece[..length].to_vec());
            }
        });
        Self { child, keyboard, pieces, screen: String::new() }
    }

    /// Waits until this is on the screen.
    fn wait_for(&mut self, text: &str) {
        while !self.screen.contains(text) {
            let piece = self.pieces.recv_timeout(Duration::from_secs(60));
            let piece = piece.unwrap_or_else(|_| panic!("no {text:?} in {:?}", self.screen));
            self.screen.push_str(&String::from_utf8_lossy(&piece));
        }
    }

    fn type_in(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
    }

    /// The exit code, standard output if it is a pipe, and what was on the screen.
    fn end(mut self) -> (Option<i32>, String, String) {
        let mut stdout = String::new();
        if let Some(mut pipe) = self.child.stdout.take() {
            pipe.read_to_string(&mut stdout).unwrap();
        }
        let code = self.child.wait().unwrap().code();
        while let Ok(piece) = self.pieces.recv_timeout(Duration::from_secs(60)) {
            self.screen.push_str(&String::from_utf8_lossy(&piece));
        }
        (code, stdout, self.screen)
    }
}

#[derive(PartialEq)]
enum Streams {
    All,
    /// Standard output is a pipe.
    NoOutput,
}

#[test]
fn a_change_shows_its_progress_and_its_id_but_not_in_its_output() {
    let emulator = emulator(Emulator::builder().pending_polls(3));
    let create = ["cluster", "create", "c", "--type", "SQL", "-o", "json", "--poll-interval", "200ms"];
    let mut terminal = Terminal::start(&mut oh(&emulator, &create), Streams::NoOutput);
    terminal.wait_for("CREATE CLUSTER `c`: API_OPERATION_STATUS_PENDING");
    let (code, stdout, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&stdout).unwrap()["name"], "c");
    let id = &emulator.ledger()[0].request_id;
    assert!(screen.contains(&format!("request id {id}\r\n")), "{screen}");
    assert!(screen.ends_with("Cluster 'c' created.\r\n"), "{screen:?}");
    // No colours, whether or not NO_COLOR is set.
    assert!(!screen.contains("\x1b[3") && !screen.contains("\x1b[1m"), "{screen:?}");
}

#[test]
fn quiet_and_a_dumb_terminal_have_no_spinner() {
    let emulator = emulator(Emulator::builder().pending_polls(1));
    let show = ["cluster", "show", "-o", "name", "--poll-interval", "200ms"];
    let (code, stdout, screen) = Terminal::start(oh(&emulator, &show).arg("-q"), Streams::NoOutput).end();
    assert_eq!((code, stdout.as_str(), screen.as_str()), (Some(0), "Connector\nSystem\n", ""));
    let mut command = oh(&emulator, &["cluster", "create", "c", "--type", "SQL", "-q"]);
    let (code, _, screen) = Terminal::start(&mut command, Streams::NoOutput).end();
    assert_eq!((code, screen.as_str()), (Some(0), ""));
}

#[test]
fn a_delete_asks_first() {
    let emulator = onehouse();
    run(&mut oh(
        &emulator,
        &[
            "lake",
            "create",
            "l",
            "--type",
            "MANAGED",
            "--bucket-path",
            "s3://b/",
            "--default-services-cluster",
            "System",
        ],
    ))
    .code(0);
    for (answer, code, says) in
        [("n\r", 1, "nothing was changed"), ("\r", 1, "nothing was changed"), ("\x04", 2, "`--yes`")]
    {
        let mut terminal =
            Terminal::start(&mut oh(&emulator, &["lake", "delete", "l", "--cascade"]), Streams::All);
        terminal.wait_for("Delete lake 'l' and everything in it? [y/N] ");
        terminal.type_in(answer);
        let (ended, _, screen) = terminal.end();
        assert!(ended == Some(code) && screen.contains(says), "{ended:?} {screen}");
    }
    assert_eq!(emulator.ledger().len(), 1);
    let mut terminal =
        Terminal::start(&mut oh(&emulator, &["lake", "delete", "l", "--cascade"]), Streams::All);
    terminal.wait_for("[y/N] ");
    terminal.type_in("yes\r");
    let (code, _, screen) = terminal.end();
    assert!(code == Some(0) && screen.ends_with("Lake 'l' deleted.\r\n"), "{code:?} {screen:?}");
    assert_eq!(statements(&emulator)[1], "DELETE LAKE `l` CASCADE");
}

#[test]
fn a_signal_at_a_question_ends_the_program_at_once() {
    let emulator = onehouse();
    let mut terminal = Terminal::start(&mut oh(&emulator, &["cluster", "delete", "c"]), Streams::All);
    terminal.wait_for("[y/N] ");
    let kill = format!("kill -INT {}", terminal.child.id());
    assert!(Command::new("/bin/sh").args(["-c", &kill]).status().unwrap().success());
    assert_eq!(terminal.end().0, Some(130));
    assert_eq!(emulator.ledger().len(), 0);
}

#[test]
fn tables_on_a_terminal_are_those_of_a_pipe() {
    let emulator = onehouse();
    let piped = run(&mut oh(&emulator, &["cluster", "show"])).code(0).stdout;
    let (code, _, screen) =
        Terminal::start(&mut oh(&emulator, &["cluster", "show", "-q"]), Streams::All).end();
    assert_eq!((code, screen.replace("\r\n", "\n")), (Some(0), piped));
}

#[test]
fn configure_does_not_show_secrets() {
    let emulator = onehouse();
    let directory = Directory::new("terminal");
    let file = directory.path().join("credentials");
    // It asks for secrets on the terminal that controls it.
    let mut command = Command::new("/usr/bin/setsid");
    if !std::path::Path::new("/usr/bin/setsid").exists() {
        return;
    }
    command.args([
        "--ctty",
        "--wait",
        env!("CARGO_BIN_EXE_controlplane"),
        "onehouse",
        "configure",
        "-p",
        "a",
    ]);
    command.env_clear().env("ONEHOUSE_CREDENTIALS_FILE", &file);
    let mut terminal = Terminal::start(&mut command, Streams::All);
    for (question, answer) in [
        ("Account UID: ", ""),
        ("must not be empty.\r\nAccount UID: ", "account"),
        ("Project UID: ", "project"),
        ("API key", "the-key"),
        ("API secret", "the-secret"),
        ("Region", "us-west-2"),
        ("User ID: ", "user"),
        ("Request ID", "link"),
        ("API endpoint", emulator.url()),
    ] {
        terminal.wait_for(question);
        terminal.type_in(&format!("{answer}\r"));
    }
    let (code, _, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    assert!(
        screen.contains("us-west-2") && !screen.contains("the-secret") && !screen.contains("the-key"),
        "{screen}"
    );
    assert!(std::fs::read_to_string(&file).unwrap().contains("the-secret"));
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_question_for_a_secret_leaves_a_terminal_that_shows_what_is_typed() {
    if !std::path::Path::new("/usr/bin/setsid").exists() {
        return;
    }
    for by_signal in [false, true] {
        let directory = Directory::new("terminal");
        let mut command = Command::new("/usr/bin/setsid");
        command.args(["--ctty", "--wait", env!("CARGO_BIN_EXE_controlplane"), "onehouse", "configure", "-p"]);
        command.arg("a").env_clear().env("ONEHOUSE_CREDENTIALS_FILE", directory.path().join("credentials"));
        let mut terminal = Terminal::start(&mut command, Streams::All);
        for question in ["Account UID: ", "Project UID: "] {
            terminal.wait_for(question);
            terminal.type_in("a\r");
        }
        terminal.wait_for("API key");
        let keyboard = terminal.keyboard.try_clone().unwrap();
        let shows = || tcgetattr(&keyboard).unwrap().local_modes.contains(LocalModes::ECHO);
        while shows() {
            std::thread::yield_now();
        }
        if by_signal {
            // `setsid` is the program by now, unless it had to fork.
            let pid = terminal.child.id();
            let forked = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
            let forked = forked.unwrap_or_default();
            let pid = forked.split_whitespace().next().map_or(pid.to_string(), str::to_owned);
            let kill = format!("kill -TERM {pid}");
            assert!(Command::new("/bin/sh").args(["-c", &kill]).status().unwrap().success());
        } else {
            // Ctrl-C.
            terminal.type_in("\x03");
        }
        let (code, _, screen) = terminal.end();
        assert_eq!(code, Some(130), "{screen}");
        assert!(shows());
        assert!(!directory.path().join("credentials").exists());
    }
}

#[test]
fn an_empty_list_says_so() {
    let emulator = onehouse();
    let (code, stdout, screen) =
        Terminal::start(&mut oh(&emulator, &["lake", "show"]), Streams::NoOutput).end();
    assert_eq!((code, stdout.as_str()), (Some(0), ""));
    assert!(screen.ends_with("There are no lakes.\r\n"), "{screen:?}");
}

#[test]
fn a_table_fits_its_terminal_and_is_whole_behind_a_pipe() {
    let emulator = emulator(Emulator::builder().pending_polls(0));
    let option = format!("note={}", "x".repeat(90));
    let create = ["cluster", "create", "prod", "--type", "Spark", "--max-ocu", "10", "--options", &option];
    run(&mut oh(&emulator, &create)).code(0);
    let whole = run(&mut oh(&emulator, &["cluster", "show"])).code(0).stdout;
    assert!(whole.lines().all(|line| !line.contains('…')), "{whole}");
    for columns in [80, 40] {
        for command in [&["cluster", "show"][..], &["cluster", "describe", "prod"]] {
            let terminal = Terminal::with_columns(columns, &mut oh(&emulator, command), Streams::All);
            let (code, _, screen) = terminal.end();
            assert_eq!(code, Some(0), "{screen}");
            assert!(screen.contains("prod"), "{screen}");
            // What the spinner draws ends with a return and no line feed.
            for line in screen.split("\r\n").map(|line| line.rsplit('\r').next().unwrap()) {
                let shown = line.split('\u{1b}').next().unwrap();
                assert!(shown.chars().count() <= usize::from(columns), "{columns}: {shown:?}");
            }
        }
    }
}
