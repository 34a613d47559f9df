//! The text that `--help` prints: at most 70 lines of at most 80 columns.

/// The whole text.
pub(crate) const HELP: &str = "\
A local server that stands in for the control plane of a data platform: for
tests in any language, and for a first look without an account.

Usage: controlplane-emulator SERVICE [OPTIONS]

Services:
  onehouse               the SQL API of Onehouse
  eloq                   EloqCloud
  h2o-workflows          H2O Workflows, with discovery and tokens
  hotdata                Hotdata, with SQL and a storage for uploads
  all                    these four, on four ports

Options:
  --listen HOST:PORT     where to listen; port 0 takes a free one [default:
                         localhost, port 8089, 8090, 8091 or 8092]
  --config FILE          options from a TOML file: see the README
  --ready-file FILE      write the URLs as JSON to FILE when all listen
  --allow-host NAME      accept NAME as the host in URLs of /_emulator/, too
  --cors ORIGIN          let web pages of ORIGIN call the service
  --accept-any-credentials   accept all credentials; each account, key or token
                         has its own, separate state
  --pending-polls N      work is pending for N status requests [default: 1]
  --pending TIME         work is pending for a time (2s) or one from a range
                         (300ms..2s)
  --rate N|off           requests per second before HTTP 429 [default: 10 for
                         onehouse, off for all others]
  --shape flat|wrapped   onehouse: payloads as the vendor's SDK documents them,
                         or as its Airflow provider reads them [default: flat]
  --auto-approve         onehouse: sign-ins need no click
  --token-expires SECS   seconds until an access token expires [default: 3600
                         for onehouse, 300 for h2o-workflows]
  --clusters N|off       eloq: the most clusters at a time [default: 3]
  --idle                 eloq: new serverless clusters become idle
  --rotate-tokens        h2o-workflows: each refresh token is valid for one use
  --log-piece N          h2o-workflows: bytes in each line of a log stream
  --run-steps            h2o-workflows: run scripts in a shell; whoever can send
                         requests can then run code as you
  --set NAME=VALUE       hotdata: change a setting; a wrong NAME lists all
  --seed N               the same seed gives the same ids [default: 0]
  --seed-file FILE       begin with the plan or the state in FILE, also after a
                         reset: see the README
  --fault SPEC           inject a fault, see below; may be repeated
  --faults FILE          inject the faults in FILE, a JSON array of SPECs
  --tls                  speak TLS; the file with the certificate authority to
                         trust is named on standard error
  --log FILE             also append a line of JSON to FILE for each request
  -h, --help             print this
  -V, --version          print the version

When ready, it prints a line like this for each service to standard output:
  controlplane-emulator: onehouse listening on http://127.0.0.1:8089

Standard error has the variables to set, then a line for each request. Secrets
in the options of SQL statements are masked, there and in the --log FILE.

SPEC is [CONDITION[,CONDITION]…:]ACTION[=VALUE][,OPTION]…
  nth=3, submit: take-then-close         p=0.05: status=503, retry-after=1
  poll, times=2: delay=2s                starts=DELETE LAKE: cut-body
Conditions: nth every p times submit poll other method path starts contains
Actions: delay close-before-read take-then-close cut-header cut-body too-long
  too-short not-json not-utf8 empty-body sparse error-line huge-body drip
  drop-header status operation-status back-to-pending.
See controlplane_emulator::faults.

These need no credentials, meet no fault, and are neither logged nor counted:
  /_emulator/ (a page for a browser), and below it health, env, spaces,
  ledger, requests, resources, reset, faults, clock, state, seed (see README).

It ends with status 0 on Ctrl-C or SIGTERM, with status 1 if it cannot start or
write, and with status 2 for wrong arguments. No state is kept.
";

#[cfg(test)]
mod tests {
    #[test]
    fn the_help_fits_a_terminal() {
        assert!(super::HELP.lines().count() <= 70);
        for line in super::HELP.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}
