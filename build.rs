//! Derives what the build can do from its features.
//!
//! The engine and the transports name no service. A part of them that only some services need is compiled if
//! one of those is enabled, so that no feature set has dead code.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let [eloq, h2o_workflows, hotdata, onehouse] =
        ["ELOQ", "H2O_WORKFLOWS", "HOTDATA", "ONEHOUSE"].map(enabled);
    let sign_in = onehouse && enabled("SIGN_IN");
    let arrow = hotdata && enabled("ARROW");

    // Any service: the engine and the clients.
    capability("service", eloq || h2o_workflows || hotdata || onehouse);
    // Fields that are base64.
    capability("base64_fields", eloq || h2o_workflows);
    // Typed responses.
    capability("models", eloq || h2o_workflows || hotdata);
    // Many calls at once under one budget, with a journal.
    capability("batches", eloq || h2o_workflows || hotdata || onehouse);
    // Batches of operations, whose durations they learn.
    capability("operation_batches", onehouse);
    // Requests that carry nothing of the client, and whose responses no service reads.
    capability("bare_requests", hotdata);
    // Waits that repeat an operation until a rule is satisfied.
    capability("checks", onehouse);
    // Calls of a batch that begin with work of several requests at a time.
    capability("errands", hotdata);
    // Errors that carry a detail of a service's own.
    capability("details", h2o_workflows || hotdata);
    // Errors that a service, or the source of its access tokens, makes more exact: other kinds, details.
    capability("error_details", h2o_workflows || hotdata || sign_in);
    // Operations to which the server gives an id.
    capability("operation_ids", hotdata || onehouse);
    // Results whose text is kept, for types that keep every digit.
    capability("kept_texts", onehouse);
    // Rows that come in pages.
    capability("paged_rows", hotdata);
    // Lists that come in pages.
    capability("pages", eloq || h2o_workflows || hotdata);
    // Results that are tables.
    capability("tables", hotdata || onehouse);
    // Plans that pause between two machines.
    capability("pauses", h2o_workflows || hotdata || onehouse);
    // Operations that are known by the name of a resource.
    capability("resources", eloq || h2o_workflows || hotdata);
    // Retries that a service changes by its own rules.
    capability("retry_rules", hotdata);
    // Responses that are read piece by piece.
    capability("streams", arrow || h2o_workflows);
    // Files with secrets.
    capability("secret_files", h2o_workflows || onehouse);
    // Settings of the user's own in requests, of which some are secret.
    capability("settings", hotdata || onehouse);
    // Enums of commands: of what a person writes, known values only are read.
    capability("strict_enums", eloq || onehouse);
    // Waits for operations that another machine of the same call has started.
    capability("started_waits", hotdata);
    // Operations that are submitted and polled by one machine.
    capability("submits", eloq || h2o_workflows || onehouse);
    // Refresh tokens that the caller keeps.
    capability("refresh_grants", h2o_workflows);
    // Access tokens that are renewed.
    capability("tokens", h2o_workflows || sign_in);
}

fn enabled(feature: &str) -> bool {
    std::env::var_os(format!("CARGO_FEATURE_{feature}")).is_some()
}

/// Sets `cfg(name)`.
fn capability(name: &str, is_there: bool) {
    println!("cargo::rustc-check-cfg=cfg({name})");
    if is_there {
        println!("cargo::rustc-cfg={name}");
    }
}
