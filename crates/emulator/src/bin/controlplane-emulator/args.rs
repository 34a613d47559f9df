//! The command line.

use std::error::Error;
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use controlplane_emulator::Pending;
use controlplane_emulator::faults::Fault;
use controlplane_emulator::hotdata;
use controlplane_emulator::onehouse::Shape;
use lexopt::prelude::*;

/// All of them, for messages.
const SERVICES: &str = "onehouse, eloq, h2o-workflows, hotdata";

/// The limit of the real Onehouse. Those of the others are not documented.
const RATE: u32 = 10;

/// The clusters of the free plan of EloqCloud.
const CLUSTERS: u32 = 3;

/// How long an access token of H2O Workflows counts.
const EXPIRES: Duration = Duration::from_secs(300);

/// The longest that one can be asked to count, in seconds: a year.
const MAX_EXPIRES: u64 = 365 * 24 * 60 * 60;

/// How much of a file with faults is read, in bytes.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// What the program is asked to do.
#[derive(Debug, PartialEq)]
pub(crate) enum Invocation {
    Help,
    Version,
    Run(Options),
}

/// Which service, and what only that one has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Service {
    Onehouse { shape: Shape },
    Eloq { clusters: Option<u32>, idle: bool },
    H2oWorkflows { expires: Duration, rotate: bool, log_piece: Option<usize> },
    Hotdata { settings: Vec<String> },
}

/// How the emulator is to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) service: Service,
    pub(crate) listen: String,
    pub(crate) pending: Pending,
    pub(crate) rate: Option<u32>,
    pub(crate) seed: u64,
    pub(crate) faults: Vec<Fault>,
    pub(crate) tls: bool,
    pub(crate) log: Option<PathBuf>,
}

impl Options {
    /// A service with its defaults.
    fn of(service: &str) -> Option<Self> {
        let (service, rate) = match service {
            "onehouse" => (Service::Onehouse { shape: Shape::Flat }, Some(RATE)),
            "eloq" => (Service::Eloq { clusters: Some(CLUSTERS), idle: false }, None),
            "h2o-workflows" => {
                (Service::H2oWorkflows { expires: EXPIRES, rotate: false, log_piece: None }, None)
            }
            "hotdata" => (Service::Hotdata { settings: Vec::new() }, None),
            _ => return None,
        };
        Some(Self {
            service,
            listen: "127.0.0.1:8089".to_owned(),
            pending: Pending::polls(1),
            rate,
            seed: 0,
            faults: Vec::new(),
            tls: false,
            log: None,
        })
    }
}

/// What is given, each thing on its own: which service it is for is known in the end.
#[derive(Default)]
struct Given {
    listen: Option<String>,
    pending: Option<Pending>,
    rate: Option<Option<u32>>,
    shape: Option<Shape>,
    clusters: Option<Option<u32>>,
    idle: bool,
    expires: Option<Duration>,
    rotate: bool,
    log_piece: Option<usize>,
    settings: Vec<String>,
    seed: Option<u64>,
    faults: Vec<Fault>,
    tls: bool,
    log: Option<PathBuf>,
}

impl Given {
    fn options(self, service: &str) -> Result<Options, String> {
        let Some(mut options) = Options::of(service) else {
            return Err(format!("there is no emulator for {service:?}; there are {SERVICES}"));
        };
        let only_for = [
            ("--shape", self.shape.is_some(), "onehouse"),
            ("--clusters", self.clusters.is_some(), "eloq"),
            ("--idle", self.idle, "eloq"),
            ("--token-expires", self.expires.is_some(), "h2o-workflows"),
            ("--rotate-tokens", self.rotate, "h2o-workflows"),
            ("--log-piece", self.log_piece.is_some(), "h2o-workflows"),
            ("--set", !self.settings.is_empty(), "hotdata"),
        ];
        if let Some((option, _, other)) =
            only_for.iter().find(|(_, is_given, of)| *is_given && *of != service)
        {
            return Err(format!("{option} is for {other}, not for {service}"));
        }
        match &mut options.service {
            Service::Onehouse { shape } => *shape = self.shape.unwrap_or(*shape),
            Service::Eloq { clusters, idle } => {
                *clusters = self.clusters.unwrap_or(*clusters);
                *idle = self.idle;
            }
            Service::H2oWorkflows { expires, rotate, log_piece } => {
                *expires = self.expires.unwrap_or(*expires);
                *rotate = self.rotate;
                *log_piece = self.log_piece;
            }
            Service::Hotdata { settings } => *settings = self.settings,
        }
        Ok(Options {
            service: options.service,
            listen: self.listen.unwrap_or(options.listen),
            pending: self.pending.unwrap_or(options.pending),
            rate: self.rate.unwrap_or(options.rate),
            seed: self.seed.unwrap_or(options.seed),
            faults: self.faults,
            tls: self.tls,
            log: self.log,
        })
    }
}

/// Reads the arguments; an error is one line for the user.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Invocation, String> {
    let mut parser = lexopt::Parser::from_args(args);
    let mut service = None;
    let mut given = Given::default();
    let mut seen: Vec<String> = Vec::new();
    while let Some(arg) = parser.next().map_err(message)? {
        if let Long(name) = arg {
            once(&mut seen, name)?;
        }
        match arg {
            Short('h') | Long("help") => return Ok(Invocation::Help),
            Short('V') | Long("version") => return Ok(Invocation::Version),
            Long("listen") => given.listen = Some(text(&mut parser, "--listen", address)?),
            Long("pending-polls") => {
                let polls = text(&mut parser, "--pending-polls", |s| number(s, "a number of polls"))?;
                given.pending = Some(Pending::polls(polls));
            }
            Long("pending") => given.pending = Some(text(&mut parser, "--pending", pending)?),
            Long("rate") => given.rate = Some(text(&mut parser, "--rate", rate)?),
            Long("shape") => given.shape = Some(text(&mut parser, "--shape", shape)?),
            Long("clusters") => given.clusters = Some(text(&mut parser, "--clusters", clusters)?),
            Long("idle") => given.idle = true,
            Long("token-expires") => {
                given.expires = Some(text(&mut parser, "--token-expires", expires)?);
            }
            Long("rotate-tokens") => given.rotate = true,
            Long("log-piece") => given.log_piece = Some(text(&mut parser, "--log-piece", log_piece)?),
            Long("set") => given.settings.push(text(&mut parser, "--set", setting)?),
            Long("seed") => given.seed = Some(text(&mut parser, "--seed", |s| number(s, "a whole number"))?),
            Long("fault") => {
                let fault = text(&mut parser, "--fault", |s| s.parse::<Fault>().map_err(|e| e.to_string()))?;
                given.faults.push(fault);
            }
            Long("faults") => given.faults.extend(faults_in(parser.value().map_err(message)?.as_ref())?),
            Long("tls") => given.tls = true,
            Long("log") => given.log = Some(parser.value().map_err(message)?.into()),
            Value(value) if service.is_none() => service = Some(value),
            other => return Err(message(other.unexpected())),
        }
    }
    match service.as_ref().map(|s| s.to_string_lossy()).as_deref() {
        Some(service) => given.options(service).map(Invocation::Run),
        None => Err(format!("which service? There are: {SERVICES}")),
    }
}

/// One line, whatever the argument had in it.
fn message(error: lexopt::Error) -> String {
    one_line(&error.to_string())
}

fn one_line(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

/// An option that is given twice is a mistake somewhere: which one was meant?
fn once(seen: &mut Vec<String>, name: &str) -> Result<(), String> {
    // These two say the same.
    let name = if name == "pending-polls" { "pending" } else { name };
    if name != "fault" && name != "set" && seen.iter().any(|other| other == name) {
        return Err(format!("--{name} is given twice"));
    }
    seen.push(name.to_owned());
    Ok(())
}

fn text<T>(
    parser: &mut lexopt::Parser,
    option: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, String> {
    let value = parser.value().map_err(message)?;
    let value = value.to_str().ok_or_else(|| format!("{option}: the value is not UTF-8"))?;
    read(value).map_err(|why| one_line(&format!("{option} {value:?}: {why}")))
}

fn address(value: &str) -> Result<String, String> {
    match value.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(value.to_owned()),
        _ => Err("this is not HOST:PORT".to_owned()),
    }
}

fn pending(value: &str) -> Result<Pending, String> {
    value.parse().map_err(|_| "this is not a time as `2s` or a range of times as `300ms..2s`".to_owned())
}

/// The faults in a file.
fn faults_in(path: &Path) -> Result<Vec<Fault>, String> {
    let read = || -> Result<Vec<Fault>, Box<dyn Error>> {
        let mut text = String::new();
        File::open(path)?.take(MAX_FILE).read_to_string(&mut text)?;
        Ok(Fault::list_from_json(&text)?)
    };
    read().map_err(|e| one_line(&format!("--faults {}: {e}", path.display())))
}

fn number<T: std::str::FromStr>(value: &str, wanted: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("this is not {wanted}"))
}

fn rate(value: &str) -> Result<Option<u32>, String> {
    match value {
        "off" => Ok(None),
        _ => match value.parse() {
            Ok(limit) if limit > 0 => Ok(Some(limit)),
            _ => Err("this is not a number of requests a second from 1, or `off`".to_owned()),
        },
    }
}

fn clusters(value: &str) -> Result<Option<u32>, String> {
    match value {
        "off" => Ok(None),
        _ => value.parse().map(Some).map_err(|_| "this is not a number of clusters, or `off`".to_owned()),
    }
}

fn expires(value: &str) -> Result<Duration, String> {
    match value.parse() {
        Ok(seconds @ 1..=MAX_EXPIRES) => Ok(Duration::from_secs(seconds)),
        _ => Err("this is not a number of seconds from 1 to a year".to_owned()),
    }
}

fn log_piece(value: &str) -> Result<usize, String> {
    match value.parse() {
        Ok(bytes) if bytes > 0 => Ok(bytes),
        _ => Err("this is not a number of bytes from 1".to_owned()),
    }
}

fn setting(value: &str) -> Result<String, String> {
    let tried = hotdata::Emulator::builder().set(value);
    tried.map(|_| value.to_owned()).map_err(|e| e.to_string())
}

fn shape(value: &str) -> Result<Shape, String> {
    match value {
        "flat" => Ok(Shape::Flat),
        "wrapped" => Ok(Shape::Wrapped),
        _ => Err("this is not `flat` or `wrapped`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Invocation, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn options_in_any_order_and_their_defaults() {
        assert_eq!(parsed("onehouse"), Ok(Invocation::Run(Options::of("onehouse").unwrap())));
        assert_eq!(parsed("eloq"), Ok(Invocation::Run(Options::of("eloq").unwrap())));
        let all = "--seed 7 onehouse --listen=[::1]:0 --pending 300ms..2s --rate off --shape wrapped --log x.jsonl \
                   --tls --fault=submit:empty-body --fault p=0.5:status=503";
        let options = Options {
            service: Service::Onehouse { shape: Shape::Wrapped },
            listen: "[::1]:0".to_owned(),
            pending: "300ms..2s".parse().unwrap(),
            rate: None,
            seed: 7,
            faults: vec!["submit:empty-body".parse().unwrap(), "p=0.5:status=503".parse().unwrap()],
            tls: true,
            log: Some("x.jsonl".into()),
        };
        assert_eq!(parsed(all), Ok(Invocation::Run(options)));
        let service = Service::Eloq { clusters: None, idle: true };
        let options = Options { service, rate: Some(5), ..Options::of("eloq").unwrap() };
        assert_eq!(parsed("--idle eloq --clusters off --rate 5"), Ok(Invocation::Run(options)));
        let service =
            Service::H2oWorkflows { expires: Duration::from_secs(5), rotate: true, log_piece: Some(3) };
        let options = Options { service, ..Options::of("h2o-workflows").unwrap() };
        let line = "h2o-workflows --token-expires 5 --rotate-tokens --log-piece 3";
        assert_eq!(parsed(line), Ok(Invocation::Run(options)));
        let settings = vec!["preview-rows=3".to_owned(), "presign=off".to_owned()];
        let options = Options { service: Service::Hotdata { settings }, ..Options::of("hotdata").unwrap() };
        let line = "hotdata --set preview-rows=3 --set presign=off";
        assert_eq!(parsed(line), Ok(Invocation::Run(options)));
        assert_eq!(parsed("onehouse --rate 3 --help"), Ok(Invocation::Help));
        assert_eq!(parsed("-V"), Ok(Invocation::Version));
    }

    #[test]
    fn polls_and_times_are_two_ways_to_be_pending() {
        for (line, expected) in
            [("--pending-polls 3", Pending::polls(3)), ("--pending 2s", "2s".parse().unwrap())]
        {
            match parsed(&format!("onehouse {line}")) {
                Ok(Invocation::Run(options)) => assert_eq!(options.pending, expected),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn wrong_arguments_are_named_in_one_line() {
        for (line, says) in [
            ("", "which service"),
            ("redshift", "\"redshift\""),
            ("onehouse onehouse", "\"onehouse\""),
            ("onehouse --listne x", "--listne"),
            ("onehouse --listen", "--listen"),
            ("onehouse --listen 8089", "HOST:PORT"),
            ("onehouse --listen :8089", "HOST:PORT"),
            ("onehouse --listen localhost:65536", "HOST:PORT"),
            ("onehouse --rate 0", "`off`"),
            ("onehouse --rate -1", "`off`"),
            ("onehouse --rate fast", "`off`"),
            ("onehouse --pending-polls -1", "polls"),
            ("eloq --shape flat", "--shape is for onehouse"),
            ("onehouse --idle", "--idle is for eloq"),
            ("onehouse --clusters 3", "--clusters is for eloq"),
            ("eloq --clusters many", "`off`"),
            ("eloq --rotate-tokens", "--rotate-tokens is for h2o-workflows"),
            ("onehouse --log-piece 1", "--log-piece is for h2o-workflows"),
            ("h2o-workflows --idle", "--idle is for eloq"),
            ("eloq --set presign=off", "--set is for hotdata"),
            ("hotdata --set presign=maybe", "presign=maybe is not on or off"),
            ("h2o-workflows --token-expires 0", "seconds"),
            ("h2o-workflows --log-piece 0", "bytes"),
            ("onehouse --shape round", "`flat` or `wrapped`"),
            ("onehouse --seed x", "whole number"),
            ("onehouse --pending soon", "300ms..2s"),
            ("onehouse --pending 2s --pending-polls 3", "twice"),
            ("onehouse --fault explode", "explode"),
            ("onehouse --faults no/such/file", "no/such/file"),
            ("onehouse --tls=yes", "yes"),
            ("onehouse --seed 1 --seed 1", "twice"),
            ("onehouse -x", "-x"),
        ] {
            let why = match parsed(line) {
                Err(why) => why,
                Ok(other) => panic!("{line}: {other:?}"),
            };
            assert!(why.contains(says) && !why.contains('\n'), "{line}: {why}");
        }
        let why = parse([OsString::from("onehouse"), OsString::from("--a\nb")]).unwrap_err();
        assert!(!why.contains('\n'), "{why}");
    }
}
