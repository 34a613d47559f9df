//! Names of H2O Workflows, which are paths: what they look like, and where they are found.

/// The name of a workspace: `w` is `workspaces/w`.
pub(super) fn workspace(name: &str) -> String {
    if name.contains('/') { name.to_owned() } else { format!("workspaces/{name}") }
}

/// The revision that a workflow runs, or the revision itself.
pub(super) fn revision(name: &str) -> String {
    let is_workflow = name.split('/').count() == 4;
    if is_workflow { format!("{name}/revisions/active") } else { name.to_owned() }
}

/// The parent of runs: `-` stands for all revisions.
pub(super) fn parent(name: &str) -> String {
    match name.split('/').count() {
        1 => format!("workspaces/{name}/workflows/-/revisions/-"),
        2 => format!("{name}/workflows/-/revisions/-"),
        4 => format!("{name}/revisions/-"),
        _ => name.to_owned(),
    }
}

/// Returns an example for the form of a name, `workspaces/{workspace}/workflows/{workflow}`, and the command
/// that lists such names. `None` if it is no form.
pub(super) fn example(form: &str) -> Option<String> {
    let form: String = form.chars().take_while(|c| !c.is_whitespace()).collect();
    let words = [
        ("{workspace}", "demo"),
        ("{workflow}", "train"),
        ("{revision}", "3f2c"),
        ("{run}", "8d1e"),
        ("{attempt}", "1"),
        ("{job}", "fit"),
        ("{step}", "1"),
        ("{runner}", "gpu"),
        ("{action}", "notify"),
    ];
    let example = words.iter().fold(form.clone(), |form, (word, value)| form.replace(word, value));
    if example.contains('{') || !example.contains('/') {
        return None;
    }
    let lists = match form.rsplit('/').nth(1) {
        Some("workflows") => " `controlplane h2o workflows list -w WORKSPACE` lists the names.",
        Some("revisions") => {
            " `controlplane h2o revisions list WORKFLOW` lists the names; `…/revisions/active` is the active one."
        }
        Some("runs") => " `controlplane h2o runs list WORKSPACE` lists the names.",
        _ => "",
    };
    Some(format!("Write the whole name, as {example}.{lists}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_has_an_example() {
        for (form, part) in [
            ("workspaces/{workspace}", "as workspaces/demo."),
            (
                "workspaces/{workspace}/workflows/{workflow}",
                "as workspaces/demo/workflows/train. `controlplane",
            ),
            (
                "workspaces/{workspace}/workflows/{workflow}/revisions/{revision}/runs/{run}",
                "as workspaces/demo/workflows/train/revisions/3f2c/runs/8d1e. `controlplane h2o runs list",
            ),
            ("workspaces/{workspace}/runners/{runner}", "as workspaces/demo/runners/gpu."),
        ] {
            let advice = example(form).unwrap();
            assert!(advice.contains(part), "{advice}");
        }
        assert_eq!(example("of something else"), None);
        assert_eq!(example("a/{unknown}"), None);
    }
}
