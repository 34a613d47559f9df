//! Completions and manual pages.

use std::fs;
use std::process::Command;

use crate::support::{Directory, program, run};

#[test]
fn each_shell_has_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = run(&mut program(&["completions", shell])).code(0);
        assert_eq!(ran.stderr, "");
        for word in ["onehouse", "service-principal", "partition-key-fields"] {
            // Scripts for fish go two levels deep.
            let is_too_deep = shell == "fish" && word == "partition-key-fields";
            assert!(is_too_deep || ran.stdout.contains(word), "{shell}: {word}");
        }
    }
    assert!(run(&mut program(&["completions", "csh"])).code(2).stderr.contains("powershell"));
}

#[test]
fn bash_completes_groups_commands_options_and_values() {
    let bash = "/bin/bash";
    if !std::path::Path::new(bash).exists() {
        return;
    }
    let directory = Directory::new("completions");
    let script = directory.path().join("controlplane");
    fs::write(&script, run(&mut program(&["completions", "bash"])).stdout).unwrap();
    for (typed, completed) in [
        ("controlplane oneh", "onehouse"),
        ("controlplane onehouse clus", "cluster"),
        ("controlplane onehouse table service alter-", "alter-cluster"),
        ("controlplane onehouse flow create --partition-", "--partition-key-fields"),
        ("controlplane -o js", "json"),
        ("controlplane onehouse cluster create c --type Open", "Open_Engines"),
    ] {
        let line = format!(
            r#"source "$0"; COMP_WORDS=({typed}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMP_LINE="{typed}"; COMP_POINT=${{#COMP_LINE}}
            _controlplane controlplane "${{COMP_WORDS[-1]}}" "${{COMP_WORDS[-2]}}"; echo "${{COMPREPLY[@]}}""#
        );
        let ran = run(Command::new(bash).args(["--norc", "-c", &line]).arg(&script));
        assert!(ran.stdout.split_whitespace().any(|word| word == completed), "{typed}: {ran:?}");
    }
}

#[test]
fn each_command_has_a_manual_page() {
    let page = run(&mut program(&["man"])).code(0).stdout;
    assert!(page.contains(".TH controlplane 1") && page.contains("Exit codes"), "{page}");
    assert!(page.contains(".SH COMMANDS\n") && page.contains(".SH \"EXIT STATUS\"\n"), "{page}");
    // It names no page that is not there.
    assert!(!page.contains("controlplane\\-help(1)") && !page.contains("SUBCOMMANDS"), "{page}");
    let directory = Directory::new("man");
    let pages = directory.path().join("a/man1");
    run(&mut program(&["man", "--dir", pages.to_str().unwrap()])).code(0);
    for name in [
        "controlplane",
        "controlplane-onehouse",
        "controlplane-onehouse-table-service-show-runs",
        "controlplane-apply",
    ] {
        let page = fs::read_to_string(pages.join(format!("{name}.1"))).unwrap();
        assert!(page.contains(&format!(".TH {name} 1")) && !page.contains("SUBCOMMANDS"), "{page}");
    }
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let ran = run(&mut program(&["man", "--dir", file.to_str().unwrap()])).code(1);
    assert!(ran.stderr.contains("manual pages"), "{ran:?}");
}
