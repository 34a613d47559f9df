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
  --allow-host NAME      clients use this name in URLs of /_emulator/, too
  --cors ORIGIN          web pages of ORIGIN may call the service, too
  --accept-any-credentials   each account, key or token has its own state
  --pending-polls N      work is pending for N status requests [default: 1]
  --pending TIME         or for a time, or one from a range: 2s, 300ms..2s
  --rate N|off           requests a second before HTTP 429 [default: 10;
                         all others: off]
  --shape flat|wrapped   onehouse: payloads as the vendor's SDK documents them,
                         or as its Airflow provider reads them [default: flat]
  --auto-approve         onehouse: sign-ins need no click
  --token-expires SECS   onehouse, h2o-workflows: of access tokens [default:
                         3600; 300]
  --clusters N|off       eloq: how many there may be [default: 3]
  --idle                 eloq: serverless clusters end as idle
  --rotate-tokens        h2o-workflows: a refresh token is good for once
  --log-piece N          h2o-workflows: bytes in each line of a log stream
  --run-steps            h2o-workflows: run scripts in a shell; whoever can send
                         requests can then run code as you
  --set NAME=VALUE       hotdata: how it behaves; a wrong NAME lists all
  --seed N               the same seed gives the same ids [default: 0]
  --seed-file FILE       begin with a plan or a state, also after a reset: see
                         the README
  --fault SPEC           misbehave, see below; as often as you like
  --faults FILE          the same, from a JSON array of SPECs
  --tls                  speak TLS; the file with the certificate authority to
                         trust is named on standard error
  --log FILE             also append a line of JSON to FILE for each request
  -h, --help             print this
  -V, --version          print the version

When it is ready, it prints one line to standard output, and nothing else:

  controlplane-emulator: onehouse listening on http://127.0.0.1:8089

Standard error has the variables to set, then a line for each request. Secrets
in the options of statements are masked, there and in FILE.

SPEC says when and what: [CONDITION,…:]ACTION[=VALUE][,OPTION]
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

It ends on Ctrl-C or SIGTERM, with status 0; with 1 if it cannot listen or
write, with 2 for wrong arguments. Nothing is kept.
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
