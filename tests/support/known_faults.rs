//! Recorded cases that this crate fails. A case is taken out of this list by the change that cures it: the tests fail
//! when a case of this list passes.

/// The file and the name of each case.
pub(crate) const KNOWN_FAULTS: [(&str, &str); 4] = [
    // An unknown `elb_state` counts as "not ready", although host, port, user and password are there.
    ("eloq-wire.jsonl", "cluster_credentials/unknown-values"),
    // An empty client secret is sent as an empty field.
    ("h2o-workflows-wire.jsonl", "login_custom/secret-empty"),
    // H2O_CLOUD_TOKEN_ENDPOINT_URL overrides the issuer that is given as an argument.
    ("h2o-workflows-wire.jsonl", "login_custom/token-endpoint-env"),
    // A stream that ends after a whole message, without the end marker, counts as cut.
    ("hotdata-wire.jsonl", "get_result_arrow/no-eos"),
];
