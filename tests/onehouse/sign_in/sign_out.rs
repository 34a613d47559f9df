//! Signing out.

use controlplane::ErrorKind;
use controlplane::onehouse::SignedOut;

use super::*;

#[test]
fn the_session_ends_here_and_at_the_server() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    let session = signed_in(&emulator, &home);
    let copy = std::fs::read_to_string(session.path()).unwrap();
    let name = session.path().file_name().unwrap().to_str().unwrap();
    let left = session.path().with_file_name(format!(".{name}.half"));
    std::fs::write(&left, "{\"refresh_token").unwrap();
    assert!(matches!(session.sign_out().unwrap(), SignedOut::Revoked));
    assert!(!session.path().exists() && !left.exists() && !session.is_signed_in());
    // A copy of the session is of no use.
    std::fs::write(session.path(), copy).unwrap();
    emulator.expire_access_tokens();
    let error = client(&emulator, &home).unwrap().show_lakes().send().unwrap_err();
    assert_eq!(error.api_code(), Some("invalid_grant"), "{error}");
    std::fs::remove_file(session.path()).unwrap();
    assert!(matches!(session.sign_out().unwrap(), SignedOut::WasNotSignedIn));
}

#[test]
fn it_ends_here_if_the_server_is_not_reached() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    let session = signed_in(&emulator, &home);
    drop(emulator);
    match session.sign_out().unwrap() {
        SignedOut::Unconfirmed(why) => assert_eq!(why.kind(), ErrorKind::Transport, "{why}"),
        other => panic!("{other:?}"),
    }
    assert!(!session.path().exists());
}

#[test]
fn it_ends_here_if_the_file_is_no_session() {
    let (emulator, home) = (emulator(Builder::auto_approve), Home::new());
    let session = signed_in(&emulator, &home);
    std::fs::write(session.path(), "no json").unwrap();
    // The refresh token may be in a keychain, so nobody knows that the session has ended.
    let SignedOut::Unconfirmed(error) = session.sign_out().unwrap() else { panic!("it was revoked") };
    assert!(error.to_string().contains("was not revoked") && !session.path().exists(), "{error}");
    assert!(matches!(session.sign_out().unwrap(), SignedOut::WasNotSignedIn));
}
