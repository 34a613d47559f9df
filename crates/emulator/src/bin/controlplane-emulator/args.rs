//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use controlplane_emulator::Pending;
use controlplane_emulator::faults::Fault;
use controlplane_emulator::hotdata;
use controlplane_emulator::onehouse::Shape;
use lexopt::prelude::*;

use crate::config::Config;
use crate::files::{faults_in, has_names_of_services, initial_in};

/// All of them, for messages.
const SERVICES: &str = "onehouse, eloq, h2o-workflows, hotdata, or `all` for the four of them";

/// The services and their ports.
pub(crate) const PORTS: [(&str, u16); 4] =
    [("onehouse", 8089), ("eloq", 8090), ("h2o-workflows", 8091), ("hotdata", 8092)];

/// The word for all services.
const ALL: &str = "all";

/// The limit of the real Onehouse. Those of the others are not documented.
const RATE: u32 = 10;

/// The clusters of the free plan of EloqCloud.
const CLUSTERS: u32 = 3;

/// How long an access token of H2O Workflows counts.
const EXPIRES: Duration = Duration::from_secs(300);

/// The lifetime of an access token of Onehouse.
const ONEHOUSE_EXPIRES: Duration = Duration::from_secs(3600);

/// The longest that one can be asked to count, in seconds: a year.
const MAX_EXPIRES: u64 = 365 * 24 * 60 * 60;

/// What the program is asked to do.
#[derive(Debug, PartialEq)]
pub(crate) enum Invocation {
    Help,
    Version,
    /// One emulator for each entry.
    Run(Vec<Options>, Output),
}

/// The files that the program writes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Output {
    pub(crate) log: Option<PathBuf>,
    pub(crate) ready_file: Option<PathBuf>,
}

/// Which service, and what only that one has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Service {
    Onehouse { shape: Shape, expires: Duration, auto_approve: bool },
    Eloq { clusters: Option<u32>, idle: bool },
    H2oWorkflows { expires: Duration, rotate: bool, log_piece: Option<usize>, run_steps: bool },
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
    pub(crate) allowed_hosts: Vec<String>,
    pub(crate) origins: Vec<String>,
    pub(crate) accepts_any: bool,
    /// The file that the emulator begins with, and its content.
    pub(crate) seed_file: Option<(PathBuf, String)>,
}

impl Options {
    /// A service with its defaults.
    fn of(word: &str) -> Option<Self> {
        let (service, rate) = match word {
            "onehouse" => {
                let (shape, expires) = (Shape::Flat, ONEHOUSE_EXPIRES);
                (Service::Onehouse { shape, expires, auto_approve: false }, Some(RATE))
            }
            "eloq" => (Service::Eloq { clusters: Some(CLUSTERS), idle: false }, None),
            "h2o-workflows" => {
                let (rotate, log_piece, run_steps) = (false, None, false);
                (Service::H2oWorkflows { expires: EXPIRES, rotate, log_piece, run_steps }, None)
            }
            "hotdata" => (Service::Hotdata { settings: Vec::new() }, None),
            _ => return None,
        };
        let port = PORTS.iter().find(|(name, _)| *name == word)?.1;
        Some(Self {
            service,
            // Both loopback addresses: some clients connect to one of them only.
            listen: format!("localhost:{port}"),
            pending: Pending::polls(1),
            rate,
            seed: 0,
            faults: Vec::new(),
            tls: false,
            allowed_hosts: Vec::new(),
            origins: Vec::new(),
            accepts_any: false,
            seed_file: None,
        })
    }
}

/// The options of the command line or of a configuration file, before it is known which service they are for.
#[derive(Default)]
pub(crate) struct Given {
    service: Option<String>,
    config: Option<PathBuf>,
    ready_file: Option<PathBuf>,
    allowed_hosts: Vec<String>,
    origins: Vec<String>,
    accepts_any: bool,
    seed_file: Option<PathBuf>,
    is_help: bool,
    is_version: bool,
    listen: Option<String>,
    pending: Option<Pending>,
    rate: Option<Option<u32>>,
    shape: Option<Shape>,
    clusters: Option<Option<u32>>,
    idle: bool,
    auto_approve: bool,
    expires: Option<Duration>,
    rotate: bool,
    log_piece: Option<usize>,
    run_steps: bool,
    settings: Vec<String>,
    seed: Option<u64>,
    faults: Vec<Fault>,
    tls: bool,
    log: Option<PathBuf>,
}

impl Given {
    /// The options for one service. `is_only`: no other runs, so an option that it does not have is an error.
    fn options(&self, service: &str, is_only: bool) -> Result<Options, String> {
        let Some(mut options) = Options::of(service) else {
            return Err(format!("there is no emulator for {service:?}; choose {SERVICES}"));
        };
        let only_for = [
            ("--shape", self.shape.is_some(), "onehouse"),
            ("--auto-approve", self.auto_approve, "onehouse"),
            ("--clusters", self.clusters.is_some(), "eloq"),
            ("--idle", self.idle, "eloq"),
            ("--token-expires", self.expires.is_some(), "onehouse and h2o-workflows"),
            ("--rotate-tokens", self.rotate, "h2o-workflows"),
            ("--log-piece", self.log_piece.is_some(), "h2o-workflows"),
            ("--run-steps", self.run_steps, "h2o-workflows"),
            ("--set", !self.settings.is_empty(), "hotdata"),
        ];
        let is_for = |of: &str| of.split(" and ").any(|one| one == service);
        let foreign = only_for.iter().find(|(_, is_given, of)| is_only && *is_given && !is_for(of));
        if let Some((option, _, others)) = foreign {
            return Err(format!("{option} is for {others}, not for {service}"));
        }
        match &mut options.service {
            Service::Onehouse { shape, expires, auto_approve } => {
                *shape = self.shape.unwrap_or(*shape);
                *expires = self.expires.unwrap_or(*expires);
                *auto_approve = self.auto_approve;
            }
            Service::Eloq { clusters, idle } => {
                *clusters = self.clusters.unwrap_or(*clusters);
                *idle = self.idle;
            }
            Service::H2oWorkflows { expires, rotate, log_piece, run_steps } => {
                *expires = self.expires.unwrap_or(*expires);
                *rotate = self.rotate;
                *log_piece = self.log_piece;
                *run_steps = self.run_steps;
            }
            Service::Hotdata { settings } => settings.clone_from(&self.settings),
        }
        Ok(Options {
            service: options.service,
            listen: self.listen.clone().unwrap_or(options.listen),
            pending: self.pending.unwrap_or(options.pending),
            rate: self.rate.unwrap_or(options.rate),
            seed: self.seed.unwrap_or(options.seed),
            faults: self.faults.clone(),
            tls: self.tls,
            allowed_hosts: self.allowed_hosts.clone(),
            origins: self.origins.clone(),
            accepts_any: self.accepts_any,
            seed_file: self.seed_file.as_deref().map(initial_in).transpose()?,
        })
    }
}

/// Reads the arguments; an error is one line for the user.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Invocation, String> {
    let args: Vec<OsString> = args.into_iter().collect();
    let mut line = Given::default();
    line.read(args.iter().cloned())?;
    if line.is_help {
        return Ok(Invocation::Help);
    }
    if line.is_version {
        return Ok(Invocation::Version);
    }
    let config = line.config.as_deref().map(Config::read).transpose()?.unwrap_or_default();
    // Last wins: the file, its table for the service, the command line.
    let given = |table: Option<&str>| -> Result<Given, String> {
        let mut given = Given::default();
        config.apply(&mut given, table)?;
        given.read(args.iter().cloned())?;
        Ok(given)
    };
    let top = given(None)?;
    let output = Output { log: top.log.clone(), ready_file: top.ready_file.clone() };
    let all: Vec<Options> = match top.service.as_deref() {
        None => return Err(format!("no service is named; choose {SERVICES}")),
        Some(ALL) => {
            let one = |(place, (service, _)): (usize, &(&str, u16))| {
                let given = given(Some(service))?;
                let mut options = given.options(service, false)?;
                // One file for all has something for each; a table of the configuration has a file for one.
                if let Some((path, text)) =
                    options.seed_file.as_ref().filter(|_| given.seed_file == top.seed_file)
                    && !has_names_of_services(text)
                {
                    let wanted = "with `all`, the file has to be an object with the names of services: {\"onehouse\": […]}";
                    return Err(one_line(&format!("--seed-file {}: {wanted}", path.display())));
                }
                // One port each: those after the one that is given for all.
                if let Some(listen) = &top.listen
                    && options.listen == *listen
                {
                    options.listen = following(listen, place)?;
                }
                Ok(options)
            };
            PORTS.iter().enumerate().map(one).collect::<Result<_, String>>()?
        }
        Some(service) => vec![given(Some(service))?.options(service, true)?],
    };
    Ok(Invocation::Run(all, output))
}

/// An address with the port that is so many after this one; a free port stays one.
fn following(listen: &str, place: usize) -> Result<String, String> {
    let split = listen.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
    match split {
        Some((host, 0)) => Ok(format!("{host}:0")),
        Some((host, port)) => match u16::try_from(usize::from(port) + place) {
            Ok(port) => Ok(format!("{host}:{port}")),
            Err(_) => Err(format!(
                "--listen {listen:?}: `all` needs four ports in a row, but 65535 is the last port; choose 65532 or less"
            )),
        },
        None => Err(format!("--listen {listen:?}: this is not HOST:PORT, such as localhost:8089")),
    }
}

impl Given {
    /// Reads arguments. What was read before is replaced; faults, settings, hosts and origins are added.
    pub(crate) fn read(&mut self, args: impl Iterator<Item = OsString>) -> Result<(), String> {
        let mut parser = lexopt::Parser::from_args(args);
        let mut seen: Vec<String> = Vec::new();
        let mut has_service = false;
        while let Some(arg) = parser.next().map_err(message)? {
            if let Long(name) = arg {
                once(&mut seen, name)?;
            }
            match arg {
                Short('h') | Long("help") => self.is_help = true,
                Short('V') | Long("version") => self.is_version = true,
                Long("config") => self.config = Some(parser.value().map_err(message)?.into()),
                Long("ready-file") => self.ready_file = Some(parser.value().map_err(message)?.into()),
                Long("allow-host") => self.allowed_hosts.push(text(&mut parser, "--allow-host", host_name)?),
                Long("cors") => self.origins.push(text(&mut parser, "--cors", origin)?),
                Long("accept-any-credentials") => self.accepts_any = true,
                Long("listen") => self.listen = Some(text(&mut parser, "--listen", address)?),
                Long("pending-polls") => {
                    let polls = text(&mut parser, "--pending-polls", |s| number(s, "a number of polls"))?;
                    self.pending = Some(Pending::polls(polls));
                }
                Long("pending") => self.pending = Some(text(&mut parser, "--pending", pending)?),
                Long("rate") => self.rate = Some(text(&mut parser, "--rate", rate)?),
                Long("shape") => self.shape = Some(text(&mut parser, "--shape", shape)?),
                Long("clusters") => self.clusters = Some(text(&mut parser, "--clusters", clusters)?),
                Long("idle") => self.idle = true,
                Long("auto-approve") => self.auto_approve = true,
                Long("token-expires") => {
                    self.expires = Some(text(&mut parser, "--token-expires", expires)?);
                }
                Long("rotate-tokens") => self.rotate = true,
                Long("log-piece") => self.log_piece = Some(text(&mut parser, "--log-piece", log_piece)?),
                Long("run-steps") => self.run_steps = true,
                Long("set") => self.settings.push(text(&mut parser, "--set", setting)?),
                Long("seed") => {
                    self.seed = Some(text(&mut parser, "--seed", |s| number(s, "a whole number"))?);
                }
                Long("seed-file") => self.seed_file = Some(parser.value().map_err(message)?.into()),
                Long("fault") => {
                    let read = |s: &str| s.parse::<Fault>().map_err(|e| e.to_string());
                    self.faults.push(text(&mut parser, "--fault", read)?);
                }
                Long("faults") => self.faults.extend(faults_in(parser.value().map_err(message)?.as_ref())?),
                Long("tls") => self.tls = true,
                Long("log") => self.log = Some(parser.value().map_err(message)?.into()),
                Value(value) if !has_service => {
                    has_service = true;
                    self.service = Some(value.to_string_lossy().into_owned());
                }
                other => return Err(message(other.unexpected())),
            }
        }
        Ok(())
    }
}

/// One line, whatever the argument had in it.
fn message(error: lexopt::Error) -> String {
    one_line(&error.to_string())
}

pub(crate) fn one_line(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

/// An option that is given twice is a mistake somewhere: which one was meant?
fn once(seen: &mut Vec<String>, name: &str) -> Result<(), String> {
    // These two say the same.
    let name = if name == "pending-polls" { "pending" } else { name };
    let many = ["cors", "fault", "set", "allow-host"];
    if !many.contains(&name) && seen.iter().any(|other| other == name) {
        let also = if name == "pending" { " (--pending-polls sets the same)" } else { "" };
        return Err(format!("--{name} is given twice{also}"));
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
        _ => Err("this is not HOST:PORT, such as localhost:8089".to_owned()),
    }
}

fn host_name(value: &str) -> Result<String, String> {
    let is_name = !value.is_empty() && !value.contains([':', '/', ' ', '*']);
    is_name
        .then(|| value.to_owned())
        .ok_or_else(|| "this is not a host name; write it without a port".to_owned())
}

fn origin(value: &str) -> Result<String, String> {
    let host = value.strip_prefix("http://").or_else(|| value.strip_prefix("https://"));
    let is_origin = host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '*', ' ']));
    is_origin
        .then(|| value.to_owned())
        .ok_or_else(|| "this is not an origin as browsers send it: http://localhost:5173".to_owned())
}

fn pending(value: &str) -> Result<Pending, String> {
    value.parse().map_err(|_| {
        "this is neither a time of at most 24h, such as `2s`, nor a range such as `300ms..2s`".to_owned()
    })
}

fn number<T: std::str::FromStr>(value: &str, wanted: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("this is not {wanted}"))
}

fn rate(value: &str) -> Result<Option<u32>, String> {
    match value {
        "off" => Ok(None),
        _ => match value.parse() {
            Ok(limit) if limit > 0 => Ok(Some(limit)),
            _ => Err("this is neither a number of requests per second, from 1, nor `off`".to_owned()),
        },
    }
}

fn clusters(value: &str) -> Result<Option<u32>, String> {
    match value {
        "off" => Ok(None),
        _ => value.parse().map(Some).map_err(|_| "this is neither a number of clusters nor `off`".to_owned()),
    }
}

fn expires(value: &str) -> Result<Duration, String> {
    match value.parse() {
        Ok(seconds @ 1..=MAX_EXPIRES) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("this is not a whole number of seconds from 1 to {MAX_EXPIRES}, a year")),
    }
}

fn log_piece(value: &str) -> Result<usize, String> {
    match value.parse() {
        Ok(bytes) if bytes > 0 => Ok(bytes),
        _ => Err("this is not a number of bytes of at least 1".to_owned()),
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
        _ => Err("this is neither `flat` nor `wrapped`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Invocation, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    fn run(options: Options) -> Result<Invocation, String> {
        Ok(Invocation::Run(vec![options], Output::default()))
    }

    #[test]
    fn options_in_any_order_and_their_defaults() {
        assert_eq!(parsed("onehouse"), run(Options::of("onehouse").unwrap()));
        assert_eq!(parsed("eloq"), run(Options::of("eloq").unwrap()));
        let all = "--seed 7 onehouse --listen=[::1]:0 --pending 300ms..2s --rate off --shape wrapped --log x.jsonl \
                   --tls --accept-any-credentials --allow-host emulator --cors http://a:1 --cors https://b --ready-file ready --auto-approve --token-expires 70 --fault=submit:empty-body --fault p=0.5:status=503";
        let options = Options {
            service: Service::Onehouse {
                shape: Shape::Wrapped,
                expires: Duration::from_secs(70),
                auto_approve: true,
            },
            listen: "[::1]:0".to_owned(),
            pending: "300ms..2s".parse().unwrap(),
            rate: None,
            seed: 7,
            faults: vec!["submit:empty-body".parse().unwrap(), "p=0.5:status=503".parse().unwrap()],
            tls: true,
            allowed_hosts: vec!["emulator".to_owned()],
            origins: vec!["http://a:1".to_owned(), "https://b".to_owned()],
            accepts_any: true,
            seed_file: None,
        };
        let output = Output { log: Some("x.jsonl".into()), ready_file: Some("ready".into()) };
        assert_eq!(parsed(all), Ok(Invocation::Run(vec![options], output)));
        let service = Service::Eloq { clusters: None, idle: true };
        let options = Options { service, rate: Some(5), ..Options::of("eloq").unwrap() };
        assert_eq!(parsed("--idle eloq --clusters off --rate 5"), run(options));
        let (expires, log_piece) = (Duration::from_secs(5), Some(3));
        let service = Service::H2oWorkflows { expires, rotate: true, log_piece, run_steps: true };
        let options = Options { service, ..Options::of("h2o-workflows").unwrap() };
        let line = "h2o-workflows --token-expires 5 --rotate-tokens --log-piece 3 --run-steps";
        assert_eq!(parsed(line), run(options));
        let settings = vec!["preview-rows=3".to_owned(), "presign=off".to_owned()];
        let options = Options { service: Service::Hotdata { settings }, ..Options::of("hotdata").unwrap() };
        let line = "hotdata --set preview-rows=3 --set presign=off";
        assert_eq!(parsed(line), run(options));
        assert_eq!(parsed("onehouse --rate 3 --help"), Ok(Invocation::Help));
        assert_eq!(parsed("-V"), Ok(Invocation::Version));
    }

    #[test]
    fn polls_and_times_are_two_ways_to_be_pending() {
        for (line, expected) in
            [("--pending-polls 3", Pending::polls(3)), ("--pending 2s", "2s".parse().unwrap())]
        {
            match parsed(&format!("onehouse {line}")) {
                Ok(Invocation::Run(all, _)) => assert_eq!(all[0].pending, expected),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn all_services_have_ports_of_their_own() {
        let listens = |line: &str| match parsed(line) {
            Ok(Invocation::Run(all, _)) => all.into_iter().map(|one| one.listen).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        let own = ["localhost:8089", "localhost:8090", "localhost:8091", "localhost:8092"];
        assert_eq!(listens("all"), own);
        assert_eq!(listens("all --listen [::1]:0"), ["[::1]:0"; 4]);
        assert_eq!(listens("all --listen a:7"), ["a:7", "a:8", "a:9", "a:10"]);
        // Each takes the options that it has.
        let Ok(Invocation::Run(all, _)) = parsed("all --idle --shape wrapped --seed 3") else { panic!() };
        assert!(matches!(all[0].service, Service::Onehouse { shape: Shape::Wrapped, .. }));
        assert_eq!(all[1].service, Service::Eloq { clusters: Some(CLUSTERS), idle: true });
        assert!(all.iter().all(|one| one.seed == 3));
    }

    #[test]
    fn wrong_arguments_are_named_in_one_line() {
        for (line, says) in [
            ("", "no service is named"),
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
            ("eloq --token-expires 5", "--token-expires is for onehouse and h2o-workflows"),
            ("hotdata --auto-approve", "--auto-approve is for onehouse"),
            ("eloq --rotate-tokens", "--rotate-tokens is for h2o-workflows"),
            ("onehouse --log-piece 1", "--log-piece is for h2o-workflows"),
            ("h2o-workflows --idle", "--idle is for eloq"),
            ("eloq --set presign=off", "--set is for hotdata"),
            ("hotdata --set presign=maybe", "presign=maybe: the value must be on or off"),
            ("h2o-workflows --token-expires 0", "seconds"),
            ("h2o-workflows --log-piece 0", "bytes"),
            ("onehouse --shape round", "`flat` nor `wrapped`"),
            ("onehouse --seed x", "whole number"),
            ("onehouse --pending soon", "300ms..2s"),
            ("onehouse --pending 2s --pending-polls 3", "twice"),
            ("onehouse --allow-host a:1", "host name"),
            ("onehouse --seed-file no/such/file", "--seed-file no/such/file"),
            ("onehouse --cors *", "origin"),
            ("onehouse --cors http://a/b", "origin"),
            ("onehouse --config no/such/file", "no/such/file"),
            ("all --listen 127.0.0.1:65534", "needs four ports"),
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
