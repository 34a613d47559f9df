//! Ends the processes of a step, also when the emulator has ended before them.
//!
//! A process may leave the group in which it was started (`setsid`, `timeout`), and its parent may end before it. It
//! keeps its environment, so each step has a variable with a value of its own, and Linux shows the environment of every
//! process below `/proc`. Other systems do not: there the group is ended, and what has left it goes on. So does a
//! process on Linux that has left the group, has another environment and outlives its parent.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use std::os::unix::process::CommandExt;

/// The variable by which the processes of a step are found.
pub(super) const MARK: &str = "CONTROLPLANE_EMULATOR_STEP";

/// Reads the groups to end, until its standard input ends: the guard was dropped, or the emulator has ended, however.
///
/// Before it kills, it stops: a process that is stopped starts no other and leaves no child to another parent, so a
/// process that has left the group is found by its parents, also if it leaves in this moment. Children are killed before
/// their parents, because the kernel lets stopped processes go on that lose theirs. A name may have line breaks, so
/// the numbers are in the last line. Then it looks for the environment. What is started while others are killed is found
/// in the next round.
const SCRIPT: &str = r#"
trap '' HUP INT QUIT TERM
targets= family= remove=$2
while read -r line; do
  case $line in
    keep) remove= ;;
    *)
      targets="$targets -$line"
      family="$family $line"
      ;;
  esac
done
stopped=$targets
while [ -n "$stopped" ]; do
  new=
  for target in $stopped; do
    kill -s STOP -- "$target" 2>/dev/null && new=1
  done
  stopped=
  [ -n "$new" ] || break
  for file in /proc/[0-9]*/stat; do
    line=
    while read -r more; do line=$more; done 2>/dev/null <"$file"
    [ -n "$line" ] || continue
    id=${file#/proc/}
    id=${id%/stat}
    parent=${line##*) ? }
    group=${parent#* }
    case " $family " in
      *" $id "*) ;;
      *" ${parent%% *} "* | *" ${group%% *} "*)
        family="$family $id"
        stopped="$id $stopped"
        ;;
    esac
  done
  targets="$stopped $targets"
done
rounds=0
while :; do
  for target in $targets; do kill -s KILL -- "$target" 2>/dev/null; done
  targets=
  for file in $(grep -lzxF -- "$1" /proc/[0-9]*/environ 2>/dev/null); do
    file=${file#/proc/}
    targets="$targets ${file%/environ}"
  done
  rounds=$((rounds + 1))
  [ -n "$targets" ] && [ "$rounds" -lt 100 ] || break
done
[ -z "$remove" ] || rm -rf -- "$remove"
"#;

/// A shell that waits for the end of a part of a step. Dropping it ends the processes, and returns when they are gone.
pub(super) struct Guard {
    shell: Child,
    lines: Option<ChildStdin>,
}

impl Guard {
    /// Starts it before there is anything to end. It removes the directory if the emulator ends before the step.
    pub(super) fn start(mark: &str, directory: &Path) -> io::Result<Self> {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(SCRIPT).arg("guard").arg(format!("{MARK}={mark}")).arg(directory);
        command.env_clear().env("PATH", super::process::path());
        // In a group of its own, which neither Ctrl-C nor the end of a terminal reaches.
        command.process_group(0).current_dir("/");
        let mut shell = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let lines = shell.stdin.take();
        Ok(Self { shell, lines })
    }

    /// Adds a group of processes, by the number of its first.
    pub(super) fn watch(&mut self, group: u32) -> io::Result<()> {
        self.say(&group.to_string())
    }

    fn say(&mut self, line: &str) -> io::Result<()> {
        match &mut self.lines {
            Some(lines) => writeln!(lines, "{line}"),
            None => Ok(()),
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // The directory is for the next part of the step.
        let _ = self.say("keep");
        drop(self.lines.take());
        let _ = self.shell.wait();
    }
}
