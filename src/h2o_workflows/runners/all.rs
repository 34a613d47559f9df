//! Commands about all runners of a workspace, which take several requests.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::client::{Action, Running};
use crate::engine::sequence::{Next, Plan, Planned, Sequence};
use crate::engine::{CallContext, Exchange, Machine};
use crate::error::Error;
use crate::h2o_workflows::account::Endpoint;
use crate::h2o_workflows::client::H2oWorkflows;
use crate::h2o_workflows::command::{CallOptions, Command, Core, Single, Success, label};
use crate::h2o_workflows::connect::authorized;
use crate::h2o_workflows::pages::MAX_PAGE_SIZE;
use crate::h2o_workflows::service::Rules;
use crate::http::Request;

use super::commands::{CreateRunner, DeleteRunner, ListRunners};
use super::model::{Runner, RunnerConfig, RunnersPage};

/// Lists all runners of a workspace: see
/// [`RunnerClient::list_all_runners`](crate::h2o_workflows::clients::RunnerClient::list_all_runners).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListAllRunners {
    /// The workspace: `workspaces/{workspace}`.
    pub parent: String,
}

/// Deletes all runners of a workspace: see
/// [`RunnerClient::delete_all_runners`](crate::h2o_workflows::clients::RunnerClient::delete_all_runners).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteAllRunners {
    /// The workspace: `workspaces/{workspace}`.
    pub parent: String,
}

/// Replaces the runners of a workspace: see
/// [`RunnerClient::apply_runners`](crate::h2o_workflows::clients::RunnerClient::apply_runners).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ApplyRunners {
    /// The new runners.
    pub configs: Vec<RunnerConfig>,
    /// The workspace: `workspaces/{workspace}`.
    pub parent: String,
}

impl ListAllRunners {
    /// Returns the command for this workspace.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into() }
    }
}

impl DeleteAllRunners {
    /// Returns the command for this workspace.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into() }
    }
}

impl ApplyRunners {
    /// Returns the command that replaces the runners of this workspace with these.
    pub fn new(configs: impl IntoIterator<Item = RunnerConfig>, parent: impl Into<String>) -> Self {
        Self { configs: configs.into_iter().collect(), parent: parent.into() }
    }
}

impl Command for ListAllRunners {
    const NAME: &'static str = "runner.list_all_runners";

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn to_request(&self) -> Result<Request, Error> {
        page(&self.parent, "").to_request()
    }

    fn describe(&self) -> String {
        label(Self::NAME, &self.parent)
    }
}

impl Command for DeleteAllRunners {
    const NAME: &'static str = "runner.delete_all_runners";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn to_request(&self) -> Result<Request, Error> {
        page(&self.parent, "").to_request()
    }

    fn describe(&self) -> String {
        label(Self::NAME, &self.parent)
    }
}

impl Command for ApplyRunners {
    const NAME: &'static str = "runner.apply_runners";

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn to_request(&self) -> Result<Request, Error> {
        page(&self.parent, "").to_request()
    }

    fn describe(&self) -> String {
        label(Self::NAME, &self.parent)
    }
}

impl Action<H2oWorkflows> for ListAllRunners {
    type Output = Vec<Runner>;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Vec<Runner>>, Error> {
        start(self, &self.parent, Work::default(), core, options)
    }
}

impl Action<H2oWorkflows> for DeleteAllRunners {
    type Output = ();

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<()>, Error> {
        let work = Work { deletes: true, ..Work::default() };
        let machine = start(self, &self.parent, work, core, options)?.0;
        Ok(Running::new(machine.map(|outcome| outcome.map(drop))))
    }
}

impl Action<H2oWorkflows> for ApplyRunners {
    type Output = Vec<Runner>;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Vec<Runner>>, Error> {
        let create = self.configs.iter().cloned().collect();
        let work = Work { deletes: true, create, lists_again: true, ..Work::default() };
        start(self, &self.parent, work, core, options)
    }
}

fn page(parent: &str, token: &str) -> ListRunners {
    let mut page = ListRunners::new(parent);
    page.page_size = MAX_PAGE_SIZE;
    token.clone_into(&mut page.page_token);
    page
}

fn start<C: Command>(
    command: &C,
    parent: &str,
    work: Work,
    core: &Core,
    options: &CallOptions,
) -> Result<Running<Vec<Runner>>, Error> {
    command.to_request()?;
    let context = core.context(Arc::new(Rules::default()), label(C::NAME, parent), Vec::new(), options);
    let (call, parent) = (context.clone(), parent.to_owned());
    authorized(core, &context, move |endpoint| {
        let all =
            All { context: call.clone(), endpoint: endpoint.clone(), parent, token: String::new(), work };
        Sequence::new(call, all)
    })
}

/// What is left to do.
#[derive(Default)]
struct Work {
    /// True: the runners that are found are deleted.
    deletes: bool,
    delete: VecDeque<String>,
    create: VecDeque<RunnerConfig>,
    /// True: the runners are listed at the end.
    lists_again: bool,
    /// The runners that were found and are not deleted.
    found: Vec<Runner>,
}

/// Lists, deletes each runner, creates each runner, lists again; or a part of this.
struct All {
    context: Arc<CallContext>,
    endpoint: Endpoint,
    parent: String,
    /// The token of the page that was requested last.
    token: String,
    work: Work,
}

/// The output of one request.
enum Part {
    Page(RunnersPage),
    Deleted,
    Created,
}

impl All {
    fn send<C: Single>(
        &self,
        command: C,
        part: impl FnOnce(C::Reply) -> Part + Send + 'static,
    ) -> Planned<Part, Vec<Runner>> {
        let label = format!("{} ({})", self.context.label, command.label());
        let request = self.endpoint.complete(command.request(&label)?);
        let mut context = CallContext::clone(&self.context);
        context.observer = context.observer.of(&label, context.service.name());
        context.label.clone_from(&label);
        let machine = Exchange::new(Arc::new(context), request, C::EFFECT).map(move |outcome| {
            let reply = outcome.and_then(|response| command.read(Success::new(&label, C::EFFECT, &response)));
            reply.map(part)
        });
        Ok(Next::Run(Box::new(machine)))
    }

    fn list(&mut self, token: String) -> Planned<Part, Vec<Runner>> {
        self.token = token;
        self.send(page(&self.parent, &self.token), Part::Page)
    }

    fn go_on(&mut self) -> Planned<Part, Vec<Runner>> {
        if let Some(name) = self.work.delete.pop_front() {
            return self.send(DeleteRunner::new(name), |()| Part::Deleted);
        }
        if let Some(config) = self.work.create.pop_front() {
            let runner = Runner {
                sandbox_engine_image: config.sandbox_engine_image,
                sandbox_engine_template: config.sandbox_engine_template,
                display_name: config.display_name,
                aliases: config.aliases,
                ..Runner::default()
            };
            let create = CreateRunner::new(&*self.parent, runner, config.runner_id);
            return self.send(create, |_| Part::Created);
        }
        if std::mem::take(&mut self.work.lists_again) {
            self.work.deletes = false;
            return self.list(String::new());
        }
        Ok(Next::Done(std::mem::take(&mut self.work.found)))
    }
}

impl Plan for All {
    type Part = Part;
    type Output = Vec<Runner>;

    fn begin(&mut self, _: Instant) -> Planned<Part, Vec<Runner>> {
        self.list(String::new())
    }

    fn ended(&mut self, _: Instant, outcome: Result<Part, Error>) -> Planned<Part, Vec<Runner>> {
        let Part::Page(page) = outcome? else { return self.go_on() };
        if self.work.deletes {
            self.work.delete.extend(page.runners.into_iter().map(|runner| runner.name));
        } else {
            self.work.found.extend(page.runners);
        }
        if page.next_page_token.is_empty() || page.next_page_token == self.token {
            return self.go_on();
        }
        self.list(page.next_page_token)
    }
}
