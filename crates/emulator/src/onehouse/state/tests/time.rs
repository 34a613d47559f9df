//! What goes on while time passes.

use super::*;

#[test]
fn with_time_clusters_and_runs_keep_step_with_their_operations() {
    let second = std::time::Duration::from_secs(1);
    let mut project = Project::furnished();
    let start = project.now;
    project.end = End::At(Some(start + 10 * second));
    project.all(&[
        "CREATE CLUSTER d TYPE = 'SQL'",
        "CREATE JOB j TYPE = 'JAR' PARAMETERS = ('a') CLUSTER = 'c'",
        "CREATE JOB k TYPE = 'JAR' PARAMETERS = ('a', 'emulator.fail') CLUSTER = 'c'",
        "RUN SERVICE IN TABLE t LAKE = 'l' DATABASE = 'd' SERVICE = 'CLEAN'",
    ]);
    let good = project.ok("RUN JOB j")["jobRunId"].as_str().unwrap().to_owned();
    let bad = project.ok("RUN JOB k")["jobRunId"].as_str().unwrap().to_owned();
    let describe = "DESCRIBE TABLE_SERVICE LAKE = 'l' DATABASE = 'd' TABLE = 't' SERVICE = 'CLEAN'";
    for (seconds, cluster, service, run, bad_run) in [
        (0, "STARTING", "RUNNING", "QUEUED", "QUEUED"),
        // Looking does not move on what time does.
        (0, "STARTING", "RUNNING", "QUEUED", "QUEUED"),
        (9, "STARTING", "RUNNING", "QUEUED", "QUEUED"),
        (10, "RUNNING", "COMPLETED", "RUNNING", "RUNNING"),
        (19, "RUNNING", "COMPLETED", "RUNNING", "RUNNING"),
        (20, "RUNNING", "COMPLETED", "COMPLETED", "FAILED"),
    ] {
        project.now = start + seconds * second;
        assert_eq!(project.ok("DESCRIBE CLUSTER d")["state"], cluster, "{seconds}");
        let is_running = project.ok(describe)["state"] == "Running";
        assert_eq!(is_running, service == "RUNNING", "{seconds}");
        let runs =
            project.ok("SHOW RUNS IN TABLE_SERVICE LAKE = 'l' DATABASE = 'd' TABLE = 't' SERVICE = 'CLEAN'");
        assert_eq!(runs[0]["status"], service, "{seconds}");
        for (job, id, status) in [("j", &good, run), ("k", &bad, bad_run)] {
            let status = format!("SPARK_JOB_RUN_STATUS_{status}");
            assert_eq!(project.ok(&format!("SHOW RUNS IN JOB {job}"))[0]["status"], status, "{seconds}");
            let described = project.ok(&format!("DESCRIBE JOB_RUN `{id}` JOB_NAME = '{job}'"));
            assert_eq!(described["sparkJobRun"]["status"], status, "{seconds}");
        }
    }
    project.refused(&[(&format!("CANCEL JOB_RUN `{good}` JOB_NAME = 'j'"), "has ended")]);
    // What is over by the clock is over though nobody has looked.
    project.ok("RUN SERVICE IN TABLE t LAKE = 'l' DATABASE = 'd' SERVICE = 'CLEAN'");
    project.ok("CANCEL TABLE_SERVICE LAKE = 'l' DATABASE = 'd' TABLE = 't' SERVICE = 'CLEAN'");
    let runs =
        project.ok("SHOW RUNS IN TABLE_SERVICE LAKE = 'l' DATABASE = 'd' TABLE = 't' SERVICE = 'CLEAN'");
    assert_eq!(runs[1]["status"], "COMPLETED");
    project.end = End::At(Some(start + 30 * second));
    project.ok("RUN SERVICE IN TABLE t LAKE = 'l' DATABASE = 'd' SERVICE = 'CLEAN'");
    project.ok("CANCEL TABLE_SERVICE LAKE = 'l' DATABASE = 'd' TABLE = 't' SERVICE = 'CLEAN'");
    let runs =
        project.ok("SHOW RUNS IN TABLE_SERVICE LAKE = 'l' DATABASE = 'd' TABLE = 't' SERVICE = 'CLEAN'");
    assert_eq!(runs[2]["status"], "CANCELED");
}

#[test]
fn the_runs_of_a_job_that_is_told_to_fail_fail() {
    let mut project = Project::furnished();
    project.ok("CREATE JOB j TYPE = 'JAR' PARAMETERS = ('emulator.fail') CLUSTER = 'c'");
    let id = project.ok("RUN JOB j")["jobRunId"].as_str().unwrap().to_owned();
    for status in ["QUEUED", "RUNNING", "FAILED", "FAILED"] {
        let described = project.ok(&format!("DESCRIBE JOB_RUN `{id}` JOB_NAME = 'j'"));
        assert_eq!(described["sparkJobRun"]["status"], format!("SPARK_JOB_RUN_STATUS_{status}"));
    }
}
