//! Statements about jobs, their runs and jars.

use controlplane::onehouse::{
    AlterJob, CancelJobRun, CreateAndRunJob, CreateJob, DescribeJobRun, JobChange, JobType, ReplaceJar,
    UploadJar,
};

use super::super::extra::ExtraCommand;
use super::super::lexer::Kind;
use super::{Parse, Parsed, Parser};

impl Parser<'_> {
    pub(super) fn create_job(&mut self) -> Parse<Parsed> {
        let (name, job_type, parameters, cluster) = self.job()?;
        Ok(CreateJob::new(name, job_type, parameters, cluster).into())
    }

    pub(super) fn create_and_run_job(&mut self) -> Parse<Parsed> {
        self.keyword("RUN")?;
        self.keyword("JOB")?;
        let (name, job_type, parameters, cluster) = self.job()?;
        Ok(CreateAndRunJob::new(name, job_type, parameters, cluster).into())
    }

    fn job(&mut self) -> Parse<(String, JobType, Vec<String>, String)> {
        let name = self.name()?;
        let job_type = self.clause("TYPE", Self::choice)?;
        let parameters = self.clause("PARAMETERS", Self::texts)?;
        let cluster = self.clause("CLUSTER", Self::text)?;
        Ok((name, job_type, parameters, cluster))
    }

    pub(super) fn alter_job(&mut self) -> Parse<Parsed> {
        let name = self.name()?;
        self.keyword("SET")?;
        let Some(cluster) = self.optional("CLUSTER", Self::text)? else {
            let parameters = self.clause("PARAMETERS", Self::texts)?;
            return Ok(AlterJob::new(name, JobChange::Parameters(parameters)).into());
        };
        if self.eat("SET") {
            let parameters = self.clause("PARAMETERS", Self::texts)?;
            return Ok(ExtraCommand::AlterJobBoth { name, cluster, parameters }.into());
        }
        Ok(AlterJob::new(name, JobChange::Cluster(cluster)).into())
    }

    pub(super) fn cancel_job_run(&mut self) -> Parse<Parsed> {
        let id = self.run_id()?;
        Ok(CancelJobRun::new(id, self.clause("JOB_NAME", Self::text)?).into())
    }

    pub(super) fn describe_job_run(&mut self) -> Parse<Parsed> {
        let id = self.run_id()?;
        Ok(DescribeJobRun::new(id, self.clause("JOB_NAME", Self::text)?).into())
    }

    /// The id of a run: as a name, but bare it may begin with a digit.
    fn run_id(&mut self) -> Parse<String> {
        let token = self.token();
        if matches!(token.kind, Kind::Word | Kind::Integer) {
            let id = self.text_of(token).to_owned();
            if id.starts_with(|c: char| c.is_ascii_hexdigit()) {
                self.step();
                return Ok(id);
            }
        }
        match &self.token().kind {
            Kind::Name(_) => self.name(),
            _ => self.expected("the id of a run (bare, in backticks or in double quotes)"),
        }
    }

    pub(super) fn upload_jar(&mut self) -> Parse<Parsed> {
        self.keyword("JAR")?;
        let mut command = UploadJar::new(self.name()?);
        command.options = self.with()?;
        Ok(command.into())
    }

    pub(super) fn replace_jar(&mut self) -> Parse<Parsed> {
        self.keyword("JAR")?;
        let mut command = ReplaceJar::new(self.name()?);
        command.options = self.with()?;
        Ok(command.into())
    }
}
