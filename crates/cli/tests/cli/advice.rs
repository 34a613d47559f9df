//! What the program advises: options and variables, no methods of the library.

use crate::services::{TempFile, WORKFLOW, eloq_forever, h2o, hotdata, onehouse, with};
use crate::support::{Ran, run};

#[track_caller]
fn names_no_method(ran: &Ran) {
    for mark in ["`.", "::", "(…)", "`client", "`wait_for"] {
        assert!(!ran.stderr.contains(mark) && !ran.stdout.contains(mark), "{mark}: {ran:?}");
    }
}

#[test]
fn advice_is_about_options_and_variables() {
    let (clusters, (tables, database)) =
        (eloq_forever(), hotdata(controlplane_emulator::hotdata::Emulator::builder()));
    let runs = h2o(controlplane_emulator::h2o_workflows::Emulator::builder());
    let lakes = onehouse(controlplane_emulator::onehouse::Emulator::builder());
    let create = ["eloq", "cluster-create", "c1", "--region", "us-west-1", "--sku-id", "3", "--no-wait"];
    run(&mut with(clusters.variables(), &create)).code(0);
    let variables = [clusters.variables(), tables.variables(), runs.variables(), lakes.variables()].concat();
    let plan = TempFile::new("plan.json", "[{\"key\": \"a\", \"command\": {\"show_lakes\": {}}}]");
    for (arguments, without, says) in [
        (&["eloq", "cluster-credentials", "c1"][..], &[][..], "`controlplane eloq wait NAME`"),
        (&["eloq", "cluster", "nope"], &[], "`controlplane eloq clusters`"),
        (&["eloq", "info"], &["ELOQ_API_KEY"], "Set ELOQ_API_KEY."),
        (&["hotdata", "query", "SELECT 1"], &[], "Add `-d DATABASE`, or set HOTDATA_DATABASE."),
        (&["hotdata", "runs", "list"], &[], "HOTDATA_DATABASE"),
        (&["hotdata", "-d", &database, "query", "SELEC"], &[], "error: "),
        (&["hotdata", "databases", "list"], &["HOTDATA_API_KEY"], "Set HOTDATA_API_KEY."),
        (
            &["hotdata", "databases", "list"],
            &["HOTDATA_WORKSPACE", "HOTDATA_WORKSPACE_ID"],
            "Set HOTDATA_WORKSPACE.",
        ),
        (&["h2o", "run", WORKFLOW], &["H2O_CLOUD_CLIENT_PLATFORM_TOKEN"], "H2O_CLOUD_CLIENT_PLATFORM_TOKEN"),
        (&["h2o", "run", WORKFLOW], &["H2O_CLOUD_ENVIRONMENT"], "H2O_CLOUD_ENVIRONMENT"),
        (&["apply", plan.path()], &["ONEHOUSE_API_KEY"], "Set ONEHOUSE_API_KEY"),
        (&["doctor", "--offline", "eloq"], &["ELOQ_API_KEY"], "error: "),
    ] {
        let mut command = with(variables.clone(), arguments);
        for name in without {
            command.env_remove(name);
        }
        let ran = run(&mut command);
        assert!(ran.code != Some(0) && ran.stderr.contains(says), "{says}: {ran:?}");
        names_no_method(&ran);
    }
}
