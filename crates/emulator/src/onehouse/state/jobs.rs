//! Jobs, their runs and jars.
//!
//! The emulator's own: how a run gets on (queued, running, then over), that it fails if [`FAILS`] is among
//! the parameters, that deleting a job forgets its runs, and that a jar needs `s3.path` or `gcs.path` with a
//! URL that fits.
//!
//! Where operations end after some polls, each DESCRIBE of a run moves it on. Where they take time, a run is
//! queued until the operation that started it ends, and runs for as long again.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use controlplane::onehouse::{
    AlterJob, CancelJobRun, CreateAndRunJob, CreateJob, DeleteJob, DescribeJob, DescribeJobRun, JobChange,
    JobType, Options, ReplaceJar, RunJob, ShowRunsInJob, UploadJar,
};

use super::super::operations::{Fault, Outcome};
use super::super::words::{Spelling, spelled};
use super::{Context, State, check_free, check_known, find, find_mut, text_option};
use crate::moment::Moment;
use crate::time::End;

/// A job.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Job {
    #[serde(rename = "type", deserialize_with = "spelled::<JobType, _>")]
    job_type: Spelling,
    pub(super) parameters: Vec<String>,
    pub(super) cluster: String,
    runs: Vec<Run>,
}

impl Job {
    /// The ids and states of its runs.
    pub(super) fn runs(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.runs.iter().map(|run| (run.id.as_str(), run.status.as_str()))
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    id: String,
    status: RunStatus,
    course: Course,
    fails: bool,
}

/// What moves a run on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Course {
    Looks,
    /// It runs from the first time on until the second, or for ever.
    Time(Option<Moment>, Option<Moment>),
}

/// The status of a run, as the vendor's Airflow provider reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RunStatus {
    Queued,
    Running,
    Completed,
    Failed,
    Canceled,
}

/// A jar.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Jar {
    /// Counts the replacements.
    version: u32,
}

/// Runs of one job that are remembered.
const MAX_RUNS: usize = 1000;
/// A parameter of a job: its runs fail.
const FAILS: &str = "emulator.fail";

impl RunStatus {
    fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "SPARK_JOB_RUN_STATUS_QUEUED",
            Self::Running => "SPARK_JOB_RUN_STATUS_RUNNING",
            Self::Completed => "SPARK_JOB_RUN_STATUS_COMPLETED",
            Self::Failed => "SPARK_JOB_RUN_STATUS_FAILED",
            Self::Canceled => "SPARK_JOB_RUN_STATUS_CANCELED",
        }
    }
}

impl Run {
    fn new(id: String, context: &Context<'_>, fails: bool) -> Self {
        let course = match context.end {
            End::AfterLooks(_) => Course::Looks,
            End::At(at) => {
                Course::Time(at, at.and_then(|at| at.checked_add(at.saturating_duration_since(context.now))))
            }
        };
        Self { id, status: RunStatus::Queued, course, fails }
    }

    /// How it stands by the clock.
    fn status(&mut self, now: Moment) -> RunStatus {
        if let (RunStatus::Queued | RunStatus::Running, Course::Time(runs, over)) = (self.status, self.course)
        {
            if End::At(over).has_come(now) {
                self.status = self.ended();
            } else if End::At(runs).has_come(now) {
                self.status = RunStatus::Running;
            }
        }
        self.status
    }

    /// One look, which moves it on if no clock does.
    fn look(&mut self, now: Moment) -> RunStatus {
        let status = self.status(now);
        match (self.course, status) {
            (Course::Looks, RunStatus::Queued) => self.status = RunStatus::Running,
            (Course::Looks, RunStatus::Running) => self.status = self.ended(),
            _ => {}
        }
        status
    }

    fn ended(&self) -> RunStatus {
        if self.fails { RunStatus::Failed } else { RunStatus::Completed }
    }
}

impl Jar {
    /// With the path where the platform keeps it; where it came from is not shown again.
    pub(super) fn shown(&self, name: &str) -> Value {
        json!({ "name": name, "jar_path": format!("emulator://jars/{name}"), "version": self.version })
    }
}

impl Job {
    pub(super) fn described(&self, name: &str) -> Value {
        json!({ "name": name, "type": self.job_type, "parameters": self.parameters, "cluster": self.cluster })
    }

    fn start(&mut self, context: &mut Context<'_>) -> String {
        let id = context.ids.uuid();
        if self.runs.len() >= MAX_RUNS {
            self.runs.remove(0);
        }
        let fails = self.parameters.iter().any(|parameter| parameter == FAILS);
        self.runs.push(Run::new(id.clone(), context, fails));
        id
    }

    fn run(&mut self, job: &str, id: &str) -> Result<&mut Run, Fault> {
        self.runs
            .iter_mut()
            .find(|run| run.id == id)
            .ok_or_else(|| Fault::unknown(&format!("in job '{job}' the run"), id))
    }
}

impl State {
    pub(super) fn create_job(&mut self, command: &CreateJob) -> Outcome {
        let job = self.new_job(&command.name, &command.job_type, &command.parameters, &command.cluster)?;
        Ok(json!({ "name": command.name, "type": job.job_type, "cluster": command.cluster }))
    }

    pub(super) fn create_and_run_job(
        &mut self,
        command: &CreateAndRunJob,
        context: &mut Context<'_>,
    ) -> Outcome {
        let job = self.new_job(&command.name, &command.job_type, &command.parameters, &command.cluster)?;
        Ok(json!({ "name": command.name, "jobRunId": job.start(context) }))
    }

    fn new_job(
        &mut self,
        name: &str,
        job_type: &JobType,
        parameters: &[String],
        cluster: &str,
    ) -> Result<&mut Job, Fault> {
        let job_type = check_known(job_type)?;
        check_free(&self.jobs, "job", name)?;
        find(&self.clusters, "cluster", cluster)?;
        Ok(self.jobs.entry(name.to_owned()).or_insert_with(|| Job {
            job_type,
            parameters: parameters.to_vec(),
            cluster: cluster.to_owned(),
            runs: Vec::new(),
        }))
    }

    pub(super) fn alter_job(&mut self, command: &AlterJob) -> Outcome {
        if let JobChange::Cluster(cluster) = &command.change {
            find(&self.clusters, "cluster", cluster)?;
        }
        let job = find_mut(&mut self.jobs, "job", &command.name)?;
        match &command.change {
            JobChange::Cluster(cluster) => job.cluster.clone_from(cluster),
            JobChange::Parameters(parameters) => job.parameters.clone_from(parameters),
            // The parser makes no others.
            _ => {}
        }
        Ok(job.described(&command.name))
    }

    pub(super) fn delete_job(&mut self, command: &DeleteJob) -> Outcome {
        find(&self.jobs, "job", &command.name)?;
        self.jobs.remove(&command.name);
        Ok(json!({ "name": command.name }))
    }

    pub(super) fn run_job(&mut self, command: &RunJob, context: &mut Context<'_>) -> Outcome {
        let job = find_mut(&mut self.jobs, "job", &command.name)?;
        Ok(json!({ "jobRunId": job.start(context) }))
    }

    pub(super) fn cancel_job_run(&mut self, command: &CancelJobRun, context: &Context<'_>) -> Outcome {
        let job = find_mut(&mut self.jobs, "job", &command.job_name)?;
        let run = job.run(&command.job_name, &command.job_run_id)?;
        if !matches!(run.status(context.now), RunStatus::Queued | RunStatus::Running) {
            return Err(Fault::forbidden(format!("run '{}' has ended: {}", run.id, run.status.as_str())));
        }
        run.status = RunStatus::Canceled;
        Ok(json!({ "jobRunId": run.id, "status": run.status.as_str() }))
    }

    pub(super) fn describe_job(&self, command: &DescribeJob) -> Outcome {
        Ok(find(&self.jobs, "job", &command.name)?.described(&command.name))
    }

    pub(super) fn describe_job_run(&mut self, command: &DescribeJobRun, context: &Context<'_>) -> Outcome {
        let job = find_mut(&mut self.jobs, "job", &command.job_name)?;
        let run = job.run(&command.job_name, &command.job_run_id)?;
        let status = run.look(context.now).as_str();
        Ok(json!({ "sparkJobRun": { "jobRunId": run.id, "jobName": command.job_name, "status": status } }))
    }

    pub(super) fn show_jobs(&self) -> Outcome {
        let rows = self
            .jobs
            .iter()
            .map(|(name, job)| json!({ "name": name, "type": job.job_type, "cluster": job.cluster }));
        Ok(rows.collect())
    }

    pub(super) fn show_runs_in_job(&mut self, command: &ShowRunsInJob, context: &Context<'_>) -> Outcome {
        let job = find_mut(&mut self.jobs, "job", &command.name)?;
        let rows = job.runs.iter_mut().map(|run| {
            let status = run.status(context.now).as_str();
            json!({ "jobRunId": run.id, "status": status })
        });
        Ok(rows.collect())
    }

    pub(super) fn upload_jar(&mut self, command: &UploadJar) -> Outcome {
        check_jar(&command.options)?;
        check_free(&self.jars, "jar", &command.name)?;
        let jar = Jar { version: 1 };
        let payload = jar.shown(&command.name);
        self.jars.insert(command.name.clone(), jar);
        Ok(payload)
    }

    pub(super) fn replace_jar(&mut self, command: &ReplaceJar) -> Outcome {
        check_jar(&command.options)?;
        let jar = find_mut(&mut self.jars, "jar", &command.name)?;
        jar.version = jar.version.saturating_add(1);
        Ok(jar.shown(&command.name))
    }
}

fn check_jar(options: &Options) -> Result<(), Fault> {
    let fits = |key, scheme: &str| text_option(options, key).map(|url| url.starts_with(scheme));
    match (fits("s3.path", "s3://"), fits("gcs.path", "gs://")) {
        (Some(true), None) | (None, Some(true)) => Ok(()),
        (None, None) => {
            Err(Fault::invalid("the path of the jar is missing: add WITH 's3.path' or 'gcs.path'"))
        }
        (Some(_), Some(_)) => Err(Fault::invalid("only one of 's3.path' and 'gcs.path' can be set")),
        _ => Err(Fault::invalid("'s3.path' has to begin with s3://, and 'gcs.path' with gs://")),
    }
}
