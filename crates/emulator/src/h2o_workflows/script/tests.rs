//! The interpreter, and the shell beside it.

use std::time::Duration;

use super::*;

fn env() -> Vec<(String, String)> {
    let of = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![of("NAME", "x y"), of("EMPTY", ""), of("PADDED", " a  b ")]
}

/// What is printed to each output, and the exit code.
type Outcome = (String, String, i32);

fn outcome(performed: &Performed) -> Outcome {
    let of = |wanted: bool| {
        let lines = performed.lines.iter().filter(|(to_stderr, _)| *to_stderr == wanted);
        lines.map(|(_, line)| line.as_str()).collect::<String>()
    };
    (of(false), of(true), performed.exit_code)
}

/// Scripts that are understood, with what they print and their exit code.
const UNDERSTOOD: [(&str, &str, &str, i32); 58] = [
    ("echo $\\\nNAME $N\\\nAME \"$\\\nNAME\"", "x y x y x y\n", "", 0),
    ("echo $N\\\nx; echo a\\\n#b \\\n# c\\\necho d", "\na#b\nd\n", "", 0),
    ("echo a 2\\\n>&1 >\\\n&2; ec\\\nho b &\\\n& echo 'c\\\n'", "a\nb\nc\\\n\n", "", 0),
    ("(\\\n(true))", "", "", -1),
    ("echo a\\ #b\\\nc \\# 'd '#e\\\nf # g\\", "a #bc # d #ef\n", "", 0),
    ("# a'\\\necho \"# \\\nb\" \\\\\necho c", "# b \\\nc\n", "", 0),
    ("echo $PADDED\"\"; echo ''$PADDED; echo $EMPTY'' \"\"$EMPTY", "a b \n a b\n \n", "", 0),
    ("echo a\"\"b ''\"\" \"$EMPTY\"\"\" A={} {}; A={}; echo $A", "", "", -1),
    ("A={}; echo $A {} }a}", "{} {} }a}\n", "", 0),
    ("A=''; echo \"[$A]\" a\"\"b", "[] ab\n", "", 0),
    ("(set -u; echo $NONE) 2>/dev/null; echo no", "", "", 1),
    ("(set -u; echo $NONE 2>/dev/null) || echo a", "a\n", "NONE: unbound variable\n", 0),
    ("(set -u; A=$NONE 2>/dev/null) || echo a", "a\n", "NONE: unbound variable\n", 0),
    ("unset NAME NONE; echo \"$NAME\"", "\n", "", 0),
    ("", "", "", 0),
    ("echo a; exit 7", "a\n", "", 7),
    ("(exit 5)", "", "", 5),
    ("(exit 5); echo no", "", "", 5),
    ("exit 3 || true", "", "", 3),
    ("(exit 3) || true", "", "", 0),
    ("false || exit 4", "", "", 4),
    ("true || exit 4; echo b", "b\n", "", 0),
    ("false\necho no", "", "", 1),
    ("false && echo no; echo yes", "yes\n", "", 0),
    ("true && false; echo no", "", "", 1),
    ("false || echo a && echo b", "a\nb\n", "", 0),
    ("set +e; false; echo $?", "1\n", "", 0),
    ("set -e\n# no\necho hi # there\necho a#b", "hi\na#b\n", "", 0),
    ("set -euo pipefail; echo ${NAME} $NONE", "", "NONE: unbound variable\n", 1),
    ("( set -u; echo $NONE ) || echo caught", "caught\n", "NONE: unbound variable\n", 0),
    ("(false; echo on) || echo off", "on\n", "", 0),
    ("( (exit 2) || exit 9 ) && echo no; echo $?", "9\n", "", 0),
    ("A=1; (A=2; echo $A); echo $A", "2\n1\n", "", 0),
    ("A=$NAME; B=\"$A\" C='$A'; echo $B \"$C\"", "x y $A\n", "", 0),
    ("export A=$NAME B; echo \"[$A]\"; unset A; echo \"[$A]\"", "[x y]\n[]\n", "", 0),
    ("echo \"it is $NAME.\" '$NAME' ${NAME}${NONE}$", "it is x y. $NAME x y$\n", "", 0),
    ("echo $PADDED \"$PADDED\" [end", "", "", -1),
    ("echo $PADDED\"|\"x$PADDED'y'", "a b |x a b y\n", "", 0),
    ("echo one \\\n  two \\a \"\\a\\$\\\"\" 'a\\\nb'", "one two a \\a$\" a\\\nb\n", "", 0),
    ("echo -n a; echo -nn b; echo - -x -n", "ab- -x -n\n", "", 0),
    ("echo a >&2; echo b 1>&2 c; echo d >/dev/null; echo e 2>/dev/null", "e\n", "a\nb c\n", 0),
    ("(echo a; echo b >&2) 2>&1 >/dev/null", "b\n", "", 0),
    ("(echo a >&2) 2> /dev/null; >/dev/null; echo b", "b\n", "", 0),
    (
        "printf 'a%s-%d%%\\n' b 7 c; printf x; printf '%s\\t' $NAME; printf '\\\\\\n'",
        "ab-7%\nac-0%\nxx\ty\t\\\n",
        "",
        0,
    ),
    ("true &&\n  echo a ||\n\n echo b", "a\n", "", 0),
    ("exit 256", "", "", 0),
    ("exit -1", "", "", 255),
    ("(exit 3) || exit", "", "", 3),
    ("exit 7\npython train.py", "", "", 7),
    ("true || python train.py", "", "", 0),
    (": $NAME; true a b; $EMPTY; echo ''", "\n", "", 0),
    ("echo a;echo b&&echo c||echo d", "a\nb\nc\n", "", 0),
    ("echo {} = [ ] + % @ , ^ ! a!", "{} = [ ] + % @ , ^ ! a!\n", "", 0),
    ("echo {} a= ] + % @ , ^ ! a! a~b", "{} a= ] + % @ , ^ ! a! a~b\n", "", 0),
    ("echo zwölf 'ü'", "zwölf ü\n", "", 0),
    ("echo \"a\nb\"; echo 'c\n'", "a\nb\nc\n\n", "", 0),
    ("   \n\n;", "", "", -1),
    ("echo \"$(\"", "", "", -1),
];

#[test]
fn simple_scripts_do_what_a_shell_would() {
    for (script, stdout, stderr, code) in UNDERSTOOD {
        let performed = perform(script, &env());
        if code < 0 {
            assert!(performed.refused.is_some(), "{script}: {performed:?}");
            continue;
        }
        assert_eq!(performed.refused, None, "{script}");
        assert_eq!(outcome(&performed), (stdout.to_owned(), stderr.to_owned(), code), "{script}");
    }
    let slept = perform("sleep 1.5\nsleep 2 1m; (sleep 1h) & ", &[]);
    assert!(slept.refused.is_some());
    assert_eq!(perform("sleep 1.5\nsleep 2 1m; (sleep 1h)", &[]).slept, Duration::from_millis(3_663_500));
    let both = perform("echo a; echo b >&2; printf c; printf d >&2; printf e", &[]);
    let lines: Vec<(bool, &str)> = both.lines.iter().map(|(err, line)| (*err, line.as_str())).collect();
    assert_eq!(lines, [(false, "a\n"), (true, "b\n"), (false, "c"), (true, "d"), (false, "e")]);
}

#[test]
fn what_is_not_understood_is_refused_and_named() {
    for (script, what) in [
        ("echo c\\", "at the end"),
        ("unset UID", "`unset UID`"),
        ("unset PATH; sleep 1", "`unset PATH`"),
        ("unset A IFS", "`unset A IFS`"),
        ("PS4=a", "$PS4"),
        ("echo $PS4$HISTCMD", "$PS4"),
        ("echo $HISTCMD", "$HISTCMD"),
        ("echo $COMP_WORDBREAKS", "$COMP_WORDBREAKS"),
        ("POSIXLY_CORRECT=1", "$POSIXLY_CORRECT"),
        ("echo a{}b,c}", "brace"),
        ("echo {}{}", "brace"),
        ("echo a\0b", "NUL"),
        ("python train.py --epochs 3", "`python train.py --epochs 3`"),
        ("cat /nope || exit 4", "`cat /nope`"),
        ("ls || true", "`ls`"),
        ("(ls) || true", "`ls`"),
        ("echo a | cat", "pipe"),
        ("sleep 5 &", "background"),
        ("echo a > out", "`> out`"),
        ("echo a >> /dev/null", "redirection"),
        ("cat <<END\na\nEND", "redirection"),
        ("echo a &> x", "`&>`"),
        ("echo $(date)", "substitution"),
        ("echo `date`", "substitution"),
        ("echo $((1 + 1))", "`$(`"),
        ("echo ${A:-b}", "`${A…`"),
        ("echo $1", "`$1`"),
        ("echo $HOME", "$HOME"),
        ("PATH=/bin", "$PATH"),
        ("echo *", "pattern"),
        ("echo what?", "pattern"),
        ("echo [a]", "pattern"),
        ("X='*'; echo $X", "pattern"),
        ("echo {a,b}", "brace"),
        ("echo ~", "`~`"),
        ("if true; then echo a; fi", "`if`"),
        ("for i in 1 2; do echo $i; done", "`for`"),
        ("! true", "`!`"),
        ("[ -n x ]", "`[ -n x ]`"),
        ("[[ -n x ]]", "`[[`"),
        ("{ echo a; }", "`{`"),
        ("f() { echo a; }", "function"),
        ("A=(1 2)", "array"),
        ("A=1 echo a", "assignment"),
        ("A+=1", "`+=`"),
        ("echo -e 'a\\nb'", "`echo -e"),
        ("printf '%x' 10", "`printf"),
        ("printf '%d' 010", "`printf"),
        ("exit now", "`exit now`"),
        ("sleep soon", "`sleep soon`"),
        ("set -x", "`set -x`"),
        ("echo 'a", "quote"),
        ("echo \"a", "quote"),
        ("(echo a", "`(`"),
        ("echo a)", "`)`"),
        ("()", "parentheses"),
        ("((1))", "arithmetic"),
        ("echo a &&", "ends"),
        ("; echo a", "`;`"),
        ("echo a;; echo b", "`;;`"),
        ("&& echo a", "`&`"),
        ("e\\\ncho a; . ./x", "`. ./x`"),
        ("echo $'a'", "`$'`"),
    ] {
        let performed = perform(script, &[]);
        let refused = performed.refused.clone().unwrap_or_default();
        assert!(refused.contains(what), "{script}: {performed:?}");
        assert_eq!(performed.exit_code, 126, "{script}");
    }
    // What a shell does not have from its environment, or does not leave as it is.
    let of = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    for name in ["IFS", "RANDOM", "PPID", "SHLVL", "PWD", "UID"] {
        let performed = perform(&format!("echo ${name}"), &of(name, "x"));
        assert_eq!(performed.refused, Some(format!("${name}")));
    }
    assert!(perform("sleep 1", &of("PATH", "/nope")).refused.is_some());
    assert!(perform("echo a", &of("SHELLOPTS", "noexec")).refused.is_some());
    assert!(perform("echo a", &of("A", "a\0b")).refused.is_some());
    assert_eq!(outcome(&perform("echo $HOME", &of("HOME", "/h"))).0, "/h\n");
    // Bounded, whatever it says.
    let deep = "( ".repeat(100_000);
    assert!(perform(&deep, &[]).refused.unwrap().contains("nested"));
    let doubled = "A=aaaaaaaa\n".to_owned() + &"A=$A$A\n".repeat(100);
    assert!(perform(&doubled, &[]).refused.unwrap().contains("16 MiB"));
    let copied = "A=aaaaaaaa\n".to_owned() + &"A=$A$A\n".repeat(15) + &"(:)\n".repeat(1000);
    assert!(perform(&copied, &[]).refused.unwrap().contains("16 MiB"));
    let long = "echo a\n".repeat(1_000_000);
    assert_eq!(perform(&long, &[]).lines.len(), MAX_OUTPUT / 2);
}

#[cfg(unix)]
mod shell {
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;

    use crate::h2o_workflows::script::process::Directory;
    use crate::h2o_workflows::script::workers::MAX_AT_ONCE;

    use super::*;
    use crate::seeded::mix;

    fn part(script: &str) -> Part {
        let script = script.to_owned();
        Part { banner: None, script, env: Vec::new(), limit: None, continue_on_error: false }
    }

    fn start(script: &str, limit: Option<Duration>) -> Process {
        let part = part(script);
        // The threads outlive the step: nobody waits for them here.
        let workers = std::mem::ManuallyDrop::new(Workers::default());
        Process::start(vec![Part { env: env(), ..part }], limit, &workers).unwrap()
    }

    /// Everything that is printed, and the end.
    fn finish(process: &mut Process) -> (Vec<(Origin, String)>, Ended) {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let mut all = Vec::new();
        loop {
            let (lines, ended) = process.hear();
            all.extend(lines.into_iter().map(|(origin, bytes)| (origin, text(bytes))));
            match ended {
                Some(ended) => return (all, ended),
                None => std::thread::yield_now(),
            }
        }
    }

    fn ran(script: &str) -> Outcome {
        let (lines, ended) = finish(&mut start(script, None));
        let of = |wanted: Origin| {
            lines
                .iter()
                .filter(|(from, _)| *from == wanted)
                .map(|(_, line)| line.as_str())
                .collect::<String>()
        };
        let Ended::Exit(code) = ended else { panic!("{script}: {ended:?}") };
        // What a shell says of itself is its own.
        let stderr = of(Origin::Stderr);
        let stderr = stderr.split_inclusive('\n').map(|line| match line.rsplit_once("line ") {
            Some((_, said)) => said.split_once(": ").map_or(line, |(_, said)| said),
            None => line,
        });
        (of(Origin::Stdout), stderr.collect(), code)
    }

    #[test]
    fn a_shell_agrees_with_the_interpreter() {
        for (script, ..) in UNDERSTOOD.iter().filter(|row| row.3 >= 0) {
            assert_eq!(ran(script), outcome(&perform(script, &env())), "{script}");
        }
        // Chains of commands that succeed, fail, exit and nest.
        let atoms = [
            "true",
            "false",
            "echo a",
            "(exit 5)",
            "exit 3",
            "(false; echo b)",
            "set +e",
            "set -e",
            "echo $?",
            "(true && false)",
            "A=$?",
            "echo $A$NAME",
            "(set +e; false; echo c; false)",
            "(exit 0) || false",
        ];
        let joints = ["; ", "\n", " && ", " || ", " && ", " || "];
        for seed in 0..60_u64 {
            let draw = |place: u64, of: usize| (mix(mix(seed) ^ place) % of as u64) as usize;
            let mut script = String::new();
            for place in 0..2 + draw(99, 5) as u64 {
                if place > 0 {
                    script += joints[draw(place * 2, joints.len())];
                }
                script += atoms[draw(place * 2 + 1, atoms.len())];
            }
            assert_eq!(ran(&script), outcome(&perform(&script, &env())), "{script}");
        }
    }

    #[test]
    fn a_step_has_its_own_variables_an_empty_directory_and_nothing_else() {
        let (stdout, _, code) =
            ran("env -u _ -u SHLVL -u PWD -u PATH -u CONTROLPLANE_EMULATOR_STEP | sort; ls -A; pwd");
        let (expected, directory) = stdout.rsplit_once("PADDED= a  b \n").unwrap();
        assert_eq!((expected, code), ("EMPTY=\nNAME=x y\n", 0));
        assert_eq!(directory.lines().count(), 1, "{directory}");
        assert!(!std::path::Path::new(directory.trim()).exists());
        assert_eq!(ran("cat /nope 2>/dev/null || exit 4"), (String::new(), String::new(), 4));
        assert_eq!(ran("cat; kill -TERM $$").2, 143, "standard input is empty");
        let (stdout, stderr, _) = ran("head -c 3000000 /dev/zero | tr '\\0' 'a\\n' | fold -w 99");
        assert!(stdout.len() <= MAX_OUTPUT && stdout.len() > MAX_OUTPUT - 100, "{}", stdout.len());
        assert!(stderr.contains("left out"), "{stderr}");
    }

    /// A script whose processes keep a connection open, and the end of it that tells when all are gone.
    fn connected(script: &str) -> (String, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        (format!("exec 3<>/dev/tcp/127.0.0.1/{port}\necho ready >&3\n{script}"), listener)
    }

    /// Reads until nobody has the other end any more.
    fn until_gone(listener: &TcpListener) -> String {
        let (stream, _) = listener.accept().unwrap();
        std::io::read_to_string(stream).unwrap()
    }

    #[test]
    fn all_processes_of_a_step_end_with_it() {
        // With one in the background that would go on.
        let (script, listener) = connected("sleep 1000 & exit 6");
        let mut process = start(&script, None);
        assert_eq!(until_gone(&listener), "ready\n");
        assert_eq!(finish(&mut process).1, Ended::Exit(6));
        // With a limit that is over.
        let (script, listener) = connected("sleep 1000 & sleep 1000");
        let mut process = start(&script, Some(Duration::from_millis(300)));
        assert_eq!(finish(&mut process).1, Ended::TimedOut);
        drop(listener);
        // When it is dropped.
        let (script, listener) = connected("(sleep 1000; true) & sleep 1000; true");
        let process = start(&script, None);
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        drop(process);
        // The end comes when nobody has the other end any more.
        assert_eq!((line.as_str(), std::io::read_to_string(stream).unwrap().as_str()), ("ready\n", ""));
    }

    #[test]
    fn the_directory_of_a_step_has_an_absolute_path() {
        let directory =
            Directory::new(std::path::Path::new("target")).or_else(|_| Directory::new(".".as_ref()));
        assert!(directory.unwrap().0.is_absolute());
    }

    #[test]
    fn processes_that_leave_their_group_end_with_the_step_too() {
        let leaves = [
            "setsid sleep 1000 &",
            "timeout 1000 sleep 1000 &",
            "set -m; sleep 1000 & set +m",
            // Its parent is gone, and it has nothing of the step but its environment.
            "(cd /; exec >/dev/null 2>&1; setsid sleep 1000 &)",
            "setsid sh -c 'setsid sleep 1000 & sleep 1000' &",
        ];
        for leaves in leaves {
            let (script, listener) = connected(&format!("{leaves}\nexit 6"));
            let mut process = start(&script, None);
            assert_eq!(until_gone(&listener), "ready\n", "{leaves}");
            assert_eq!(finish(&mut process).1, Ended::Exit(6), "{leaves}");
        }
        // One with another environment is found by its parents while these are there, also if they are not those of the
        // shell any more.
        let (script, listener) = connected(
            "exec 4< <(bash -c 'setsid env -i sleep 1000 & echo up; read -u 3 || :')\nread -u 4\nexit 6",
        );
        let mut process = start(&script, None);
        assert_eq!(until_gone(&listener), "ready\n");
        assert_eq!(finish(&mut process).1, Ended::Exit(6));
        let (script, listener) = connected("setsid env -i sleep 1000");
        let process = start(&script, None);
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        stream.read_line(&mut String::new()).unwrap();
        drop(process);
        assert_eq!(std::io::read_to_string(stream).unwrap(), "");
    }

    #[test]
    fn what_another_step_runs_goes_on() {
        let (script, listener) = connected("setsid cat <&3 >&3");
        let mut going_on = start(&script, None);
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        ran("setsid sleep 1000 & true");
        std::io::Write::write_all(stream.get_mut(), b"echo\n").unwrap();
        stream.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\necho\n");
        drop(stream);
        assert!(matches!(finish(&mut going_on).1, Ended::Exit(_)));
    }

    #[test]
    fn steps_beyond_the_sixteenth_wait_without_a_thread() {
        let workers = Workers::default();
        let mut listeners = Vec::new();
        let mut running: Vec<Process> = Vec::new();
        for _ in 0..MAX_AT_ONCE {
            let (script, listener) = connected("read -u 3 line || true");
            running.push(Process::start(vec![part(&script)], None, &workers.clone()).unwrap());
            listeners.push(listener);
        }
        assert_eq!(workers.counts(), (MAX_AT_ONCE, 0));
        let mut waiting: Vec<Process> = (0..1000)
            .map(|number| Process::start(vec![part(&format!("echo {number}"))], None, &workers).unwrap())
            .collect();
        assert_eq!(workers.counts(), (MAX_AT_ONCE, 1000));
        assert_eq!(waiting[0].hear(), (Vec::new(), None));
        // Those that nobody waits for any more never run.
        waiting.truncate(1);
        drop(listeners.remove(0).accept().unwrap());
        assert_eq!(finish(&mut waiting[0]), (vec![(Origin::Stdout, "0\n".to_owned())], Ended::Exit(0)));
        drop(running);
        drop(workers);
    }

    #[test]
    fn the_parts_of_an_action_share_their_directory() {
        let part = |banner: &str, script: &str, continue_on_error| Part {
            banner: Some(format!("{banner}\n")),
            continue_on_error,
            ..self::part(script)
        };
        let parts = vec![
            part("one", "echo kept > file; exit 1", true),
            part("two", "cat file; exit 2", false),
            part("three", "echo no", false),
        ];
        let workers = Workers::default();
        let mut process = Process::start(parts, None, &workers).unwrap();
        let (lines, ended) = finish(&mut process);
        let of = |origin, text: &str| (origin, format!("{text}\n"));
        let expected = [of(Origin::Banner, "one"), of(Origin::Banner, "two"), of(Origin::Stdout, "kept")];
        assert_eq!((lines.as_slice(), ended), (expected.as_slice(), Ended::Exit(2)));
    }
}
