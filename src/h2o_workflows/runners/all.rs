//! What takes more than one request: all runners of a workspace.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Effect;
use crate::auth::Authorized;
use crate::client::{Action, Running, not_run};
use crate::engine::chain::{Chain, Next, Plan};
use crate::engine::{Context, Exchange};
use crate::error::Error;
use crate::h2o_workflows::client::H2oWorkflows;
use crate::h2o_workflows::command::{Answer, CallOptions, Command, Core, Spec, advised, label};
use crate::h2o_workflows::pages::MAX_PAGE_SIZE;
use crate::http::{Request, Response};

use super::commands::{CreateRunner, DeleteRunner, ListRunners};
use super::model::{Runner, RunnerConfig};

/// See [`RunnerClient::list_all_runners`](crate::h2o_workflows::clients::RunnerClient::list_all_runners).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ListAllRunners {
    /// `workspaces/{workspace}`.
    pub parent: String,
}

/// See [`RunnerClient::delete_all_runners`](crate::h2o_workflows::clients::RunnerClient::delete_all_runners).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct DeleteAllRunners {
    /// `workspaces/{workspace}`.
    pub parent: String,
}

/// See [`RunnerClient::apply_runners`](crate::h2o_workflows::clients::RunnerClient::apply_runners).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct ApplyRunners {
    /// The runners that are to be there.
    pub configs: Vec<RunnerConfig>,
    /// `workspaces/{workspace}`.
    pub parent: String,
}

impl ListAllRunners {
    /// Of this workspace.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into() }
    }

    /// The first request.
    pub(crate) fn to_request(&self) -> Result<Request, Error> {
        first_page(&self.parent, "").to_request()
    }

    pub(crate) fn spec(&self) -> Spec {
        Spec::reads("runner.list_all_runners")
    }
}

impl DeleteAllRunners {
    /// Of this workspace.
    pub fn new(parent: impl Into<String>) -> Self {
        Self { parent: parent.into() }
    }

    /// The first request.
    pub(crate) fn to_request(&self) -> Result<Request, Error> {
        first_page(&self.parent, "").to_request()
    }

    pub(crate) fn spec(&self) -> Spec {
        Spec::changes("runner.delete_all_runners")
    }
}

impl ApplyRunners {
    /// These, in this workspace.
    pub fn new(configs: impl IntoIterator<Item = RunnerConfig>, parent: impl Into<String>) -> Self {
        Self { configs: configs.into_iter().collect(), parent: parent.into() }
    }

    /// The first request.
    pub(crate) fn to_request(&self) -> Result<Request, Error> {
        first_page(&self.parent, "").to_request()
    }

    pub(crate) fn spec(&self) -> Spec {
        Spec::changes("runner.apply_runners")
    }
}

fn first_page(parent: &str, token: &str) -> ListRunners {
    let mut page = ListRunners::new(parent);
    page.page_size = MAX_PAGE_SIZE;
    page.page_token = token.to_owned();
    page
}

/// What is under way.
enum Now {
    List(ListRunners),
    Delete(DeleteRunner),
    Create(Box<CreateRunner>),
}

/// List, delete each, create each, list again; or a part of that.
struct Work {
    label: String,
    parent: String,
    make: Box<dyn Fn(Request, String, Effect) -> Exchange + Send>,
    now: Option<Now>,
    seen: Vec<Runner>,
    /// What is found is deleted.
    deletes: bool,
    create: VecDeque<RunnerConfig>,
    delete: VecDeque<String>,
    /// What is there in the end is listed.
    lists_again: bool,
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Work")
    }
}

impl Work {
    fn send<C: Command>(
        &mut self,
        command: C,
        now: impl FnOnce(C) -> Now,
    ) -> Result<Next<Vec<Runner>>, Error> {
        let label = format!("{} ({})", self.label, command.label());
        let exchange = (self.make)(command.to_request()?, label, command.spec().effect);
        self.now = Some(now(command));
        Ok(Next::Send(Box::new(exchange)))
    }

    /// What comes after what has been done.
    fn go_on(&mut self) -> Result<Next<Vec<Runner>>, Error> {
        if let Some(name) = self.delete.pop_front() {
            return self.send(DeleteRunner::new(name), Now::Delete);
        }
        if let Some(config) = self.create.pop_front() {
            let runner = Runner {
                sandbox_engine_image: config.sandbox_engine_image,
                sandbox_engine_template: config.sandbox_engine_template,
                display_name: config.display_name,
                aliases: config.aliases,
                ..Runner::default()
            };
            let create = CreateRunner::new(&*self.parent, runner, config.runner_id);
            return self.send(create, |create| Now::Create(Box::new(create)));
        }
        if std::mem::take(&mut self.lists_again) {
            self.deletes = false;
            return self.send(first_page(&self.parent, ""), Now::List);
        }
        Ok(Next::Done(std::mem::take(&mut self.seen)))
    }
}

impl Plan for Work {
    type Output = Vec<Runner>;

    fn next(&mut self, answer: Option<Response>) -> Result<Next<Vec<Runner>>, Error> {
        let Some(response) = answer else { return self.send(first_page(&self.parent, ""), Now::List) };
        let label = self.label.clone();
        match self.now.take() {
            None => Err(not_run()),
            Some(Now::List(list)) => {
                let page = list.read(Answer::new(&label, Effect::Repeatable, &response))?;
                if self.deletes {
                    self.delete.extend(page.runners.into_iter().map(|runner| runner.name));
                } else {
                    self.seen.extend(page.runners);
                }
                if page.next_page_token.is_empty() || page.next_page_token == list.page_token {
                    return self.go_on();
                }
                self.send(first_page(&self.parent, &page.next_page_token), Now::List)
            }
            Some(Now::Delete(delete)) => {
                delete.read(Answer::new(&label, Effect::Changes, &response))?;
                self.go_on()
            }
            Some(Now::Create(create)) => {
                create.read(Answer::new(&label, Effect::Changes, &response))?;
                self.go_on()
            }
        }
    }
}

/// The machine of all this.
fn start(
    core: &Core,
    options: &CallOptions,
    method: &str,
    parent: &str,
    create: Option<&[RunnerConfig]>,
    deletes: bool,
) -> Result<Running<Vec<Runner>>, Error> {
    // Before anything is sent: everything that is to be sent can be.
    first_page(parent, "").to_request()?;
    let label = label(method, parent);
    let protocol = core.protocol()?.clone();
    let connected = protocol.connected()?;
    let tokens = connected.tokens.clone();
    let connected = connected.clone();
    let (settings, budget, observer) =
        (options.settings.clone(), core.budget().clone(), options.observer.clone());
    let make = move |request: Request, label: String, effect: Effect| {
        let context = Context {
            observer: observer.clone().of(&label),
            label,
            settings: settings.clone(),
            budget: budget.clone(),
            service: protocol.clone(),
            secrets: Vec::new(),
        };
        Exchange::new(Arc::new(context), Arc::new(connected.complete(request)), effect)
    };
    let work = Work {
        label,
        parent: parent.to_owned(),
        make: Box::new(make),
        now: None,
        seen: Vec::new(),
        deletes,
        create: create.unwrap_or_default().iter().cloned().collect(),
        delete: VecDeque::new(),
        lists_again: create.is_some(),
    };
    let settings = options.settings.clone();
    let machine = Authorized::new(tokens, Chain::new(work), settings, core.budget().clone());
    Ok(Running::new(machine, |machine| {
        machine.into_inner().finish().unwrap_or_else(|| Err(not_run())).map_err(advised)
    }))
}

impl Action<H2oWorkflows> for ListAllRunners {
    type Output = Vec<Runner>;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Vec<Runner>>, Error> {
        start(core, options, "list_all_runners", &self.parent, None, false)
    }
}

impl Action<H2oWorkflows> for DeleteAllRunners {
    type Output = ();

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<()>, Error> {
        Ok(start(core, options, "delete_all_runners", &self.parent, None, true)?.map(drop))
    }
}

impl Action<H2oWorkflows> for ApplyRunners {
    type Output = Vec<Runner>;

    fn start(&self, core: &Core, options: &CallOptions) -> Result<Running<Vec<Runner>>, Error> {
        start(core, options, "apply_runners", &self.parent, Some(&self.configs), true)
    }
}
