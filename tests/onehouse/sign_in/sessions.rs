//! The session file: what is read, what is renewed, and what is lost.

use controlplane::ErrorKind;
use serde_json::json;

use super::*;

#[test]
fn a_token_that_the_server_refuses_is_renewed_once_whatever_the_clock_says() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    let session = signed_in(&emulator, &home);
    let before = stored(&session);
    emulator.expire_access_tokens();
    // A clock that was put back by an hour: the token seems to be good for two.
    change(&session, json!({ "expires_at": before["expires_at"].as_f64().unwrap() + 3600.0 }));
    let client = client(&emulator, &home).unwrap();
    client.show_lakes().send().unwrap();
    let after = stored(&session);
    assert_ne!(
        (&before["access_token"], &before["refresh_token"]),
        (&after["access_token"], &after["refresh_token"])
    );
    // Put forward by an hour, it seems to have expired: one more renewal, and nothing is refused.
    change(&session, json!({ "expires_at": after["expires_at"].as_f64().unwrap() - 3600.0 }));
    client.show_lakes().send().unwrap();
    let refused = emulator.requests().iter().filter(|request| request.status == 401).count();
    assert_eq!((count(&emulator, "token"), refused), (3, 1));
}

#[test]
fn a_second_refusal_is_final() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    signed_in(&emulator, &home);
    let strangers = Credentials::builder().env(variables(emulator.url(), home.path()).into_iter().map(
        |(name, value)| (name.clone(), if name.contains("PROJECT") { "other".to_owned() } else { value }),
    ));
    let client = Client::new(strangers.build().unwrap()).unwrap();
    let error = client.show_lakes().send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
    assert!(error.to_string().contains("sign-in for the API"), "{error}");

    let emulator = super::emulator(|builder| builder.auto_approve().expires_in(Duration::ZERO));
    let session = signed_in(&emulator, &home);
    let client = super::client(&emulator, &home).unwrap();
    let error = client.show_lakes().send().unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Authentication, Some(401)), "{error}");
    // The sign-in, a renewal before the request, and one after the 401.
    assert_eq!(count(&emulator, "token"), 3);
    assert_no_token(&format!("{error} {error:?} {client:?}"), &stored(&session));
}

#[test]
fn a_revoked_session_says_how_to_go_on() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    let session = signed_in(&emulator, &home);
    emulator.expire_access_tokens();
    emulator.revoke_sessions();
    let client = client(&emulator, &home).unwrap();
    for _ in 0..2 {
        let error = client.show_lakes().send().unwrap_err();
        assert_eq!((error.kind(), error.api_code()), (ErrorKind::Authentication, Some("invalid_grant")));
        assert!(error.to_string().contains("Sign in again"), "{error}");
        assert_no_token(&format!("{error} {error:?}"), &stored(&session));
    }
    assert_eq!(emulator.ledger().len(), 0);
    // Somebody signs in while the client lives.
    signed_in(&emulator, &home);
    client.show_lakes().send().unwrap();
}

#[test]
fn a_session_that_ends_elsewhere_ends_here() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    let session = signed_in(&emulator, &home);
    let client = client(&emulator, &home).unwrap();
    client.show_lakes().send().unwrap();
    std::fs::remove_file(session.path()).unwrap();
    let error = client.show_lakes().send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
    assert!(error.to_string().contains("there is no session file"), "{error}");
}

#[test]
fn what_a_killed_program_left_is_completed() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    let session = signed_in(&emulator, &home);
    let old = std::fs::read_to_string(session.path()).unwrap();
    emulator.expire_access_tokens();
    let client = client(&emulator, &home).unwrap();
    client.show_lakes().send().unwrap();
    // The new session is in a temporary file alone, as if its writer had been killed before it could rename
    // it; another one was killed while it wrote.
    let name = session.path().file_name().unwrap().to_str().unwrap();
    let temporary = session.path().with_file_name(format!(".{name}.k1lled"));
    let half = session.path().with_file_name(format!(".{name}.half"));
    std::fs::rename(session.path(), &temporary).unwrap();
    std::fs::write(session.path(), old).unwrap();
    let later = std::fs::metadata(session.path()).unwrap().modified().unwrap() + Duration::from_secs(1);
    std::fs::File::options().append(true).open(&temporary).unwrap().set_modified(later).unwrap();
    std::fs::write(&half, "{\"refresh_tok").unwrap();
    emulator.expire_access_tokens();
    change(&session, json!({ "expires_at": 0.0 }));
    std::fs::File::options().append(true).open(session.path()).unwrap().set_modified(later).unwrap();
    client.show_lakes().send().unwrap();
    assert!(!temporary.exists() && !half.exists());
}

#[test]
fn a_file_that_holds_no_session_is_named() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    let session = signed_in(&emulator, &home);
    let path = session.path().display().to_string();
    let required = || builder(&emulator, &home).session(true).build();
    for (content, says) in [
        ("", "not a JSON object"),
        ("refresh-1-secret", "not a JSON object"),
        ("[\"refresh-1-secret\"]", "not a JSON object"),
        ("{\"access_token\": \"access-1-secret\", \"expires_at\": 1}", "keychain"),
        ("{\"refresh_token\": \"\"}", "no refresh token"),
    ] {
        std::fs::write(session.path(), content).unwrap();
        assert!(!session.is_signed_in());
        let error = required().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        let text = format!("{error} {error:?}");
        assert!(text.contains(says) && text.contains(&path), "{text}");
        assert!(!text.contains("-secret"), "{text}");
        // Without a session an API key is looked for; the error says why there is no session.
        let error = builder(&emulator, &home).build().unwrap_err();
        assert_eq!(error.missing_fields(), ["api_key", "api_secret", "user_uid"]);
        assert!(
            error.to_string().contains("no session is used either") && error.to_string().contains(&path),
            "{error}"
        );
    }
    std::fs::write(session.path(), vec![b' '; 300 * 1024]).unwrap();
    assert!(required().unwrap_err().to_string().contains("larger than"));
    std::fs::remove_file(session.path()).unwrap();
    std::fs::create_dir(session.path()).unwrap();
    assert!(required().unwrap_err().to_string().contains("not a regular file"));
}

/// The directory is replaced by a file while the server answers: as on a full disk, the new session cannot be
/// written.
#[test]
fn a_session_that_cannot_be_written_is_kept_and_written_by_the_next_call() {
    use std::path::PathBuf;
    use std::sync::{Arc, Mutex};

    let replace: Arc<Mutex<Option<PathBuf>>> = Arc::default();
    let armed = replace.clone();
    let emulator = super::emulator(move |builder| {
        builder.auto_approve().log(move |request| {
            let directory = armed.lock().unwrap().take_if(|_| request.operation == Some("token"));
            if let Some(directory) = directory {
                std::fs::rename(&directory, directory.with_extension("away")).unwrap();
                std::fs::write(&directory, "").unwrap();
            }
        })
    });
    let home = Home::new();
    let session = signed_in(&emulator, &home);
    let before = stored(&session);
    let directory = session.path().parent().unwrap().to_owned();
    let client = client(&emulator, &home).unwrap();
    emulator.expire_access_tokens();
    *replace.lock().unwrap() = Some(directory.clone());
    let error = client.show_lakes().send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
    assert!(error.to_string().contains("cannot be written"), "{error}");
    // The token is not used before it is written.
    assert_eq!(emulator.ledger().len(), 0);

    std::fs::remove_file(&directory).unwrap();
    std::fs::rename(directory.with_extension("away"), &directory).unwrap();
    assert_eq!(stored(&session), before);
    client.show_lakes().send().unwrap();
    assert_ne!(stored(&session)["refresh_token"], before["refresh_token"]);
    // The sign-in and one renewal: the old refresh token was sent once.
    assert_eq!(count(&emulator, "token"), 2);
}

#[test]
fn many_calls_share_one_renewal() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    let session = signed_in(&emulator, &home);
    change(&session, json!({ "expires_at": 0.0 }));
    let client = client(&emulator, &home).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| client.show_lakes().send().unwrap());
        }
    });
    assert_eq!(count(&emulator, "token"), 2);
    change(&session, json!({ "expires_at": 0.0 }));
    let client =
        controlplane::onehouse::AsyncClient::new(builder(&emulator, &home).build().unwrap()).unwrap();
    runtime().block_on(async {
        let calls: Vec<_> = (0..8).map(|_| tokio::spawn(client.show_lakes().send())).collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
    });
    assert_eq!(count(&emulator, "token"), 3);
}

#[test]
fn the_calls_of_a_batch_carry_the_token_too() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    let session = signed_in(&emulator, &home);
    let client = client(&emulator, &home).unwrap();
    emulator.expire_access_tokens();
    let mut batch = client.batch();
    for number in 0..20 {
        batch.add(format!("{number}"), client.create_service_principal(format!("bot_{number}")));
    }
    for finished in batch.run().unwrap() {
        finished.result.unwrap();
    }
    assert_eq!((emulator.ledger().len(), count(&emulator, "token")), (20, 2));
    assert_no_token(&format!("{client:?} {:?}", builder(&emulator, &home).build()), &stored(&session));
}
