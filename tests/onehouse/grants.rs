//! Statements that the vendor documents and its SDK lacks: what is sent, and that the emulator accepts it.

use controlplane::onehouse::{
    AnyCommand, Client, Command, PolicyDirection, Principal, PrincipalType, Privilege, PrivilegeObject, Role,
    RoleObject,
};
use controlplane::{Effect, ErrorKind};
use controlplane_emulator::onehouse::Emulator;

fn emulator() -> (Emulator, Client) {
    let emulator = Emulator::builder().pending_polls(0).start().unwrap();
    let client = Client::new(emulator.credentials()).unwrap();
    (emulator, client)
}

#[test]
fn grants_are_written_as_the_vendors_pages_have_them_and_kept_by_the_emulator() {
    let (emulator, client) = emulator();
    let privilege = client.grant_privilege(
        Privilege::AllPrivileges,
        "LAKE",
        "it's",
        Principal::service_principal("sp-1"),
    );
    assert_eq!(
        privilege.to_sql().unwrap(),
        "GRANT PRIVILEGE ALL_PRIVILEGES ON LAKE 'it''s' TO SERVICE_PRINCIPAL 'sp-1'",
    );
    privilege.send().unwrap();
    let role = client.grant_role("viewer", RoleObject::StreamCapture, "pipe", Principal::group("g"));
    assert_eq!(role.to_sql().unwrap(), "GRANT ROLE VIEWER ON STREAM_CAPTURE 'pipe' TO GROUP 'g'");
    role.send().unwrap();
    let grants = client.execute("SHOW GRANTS").send().unwrap();
    assert_eq!(grants.rows().len(), 2, "{grants:?}");
    let names: Vec<&str> = emulator.ledger().iter().map(|taken| taken.parsed.name()).collect();
    assert_eq!(names, ["grant_privilege", "grant_role", "show_grants"]);
}

#[test]
fn every_word_of_a_grant_is_one_that_the_emulator_knows() {
    let (_emulator, client) = emulator();
    let ana = || Principal::user("ana@example.com");
    for privilege in
        ["ALL_PRIVILEGES", "DESCRIBE", "CREATE", "SELECT", "INSERT", "UPDATE", "DELETE", "ALTER", "DROP"]
    {
        for object in ["LAKE", "DATABASE", "TABLE"] {
            client.grant_privilege(privilege, object, "x", ana()).send().unwrap();
        }
    }
    for role in ["ADMIN", "MEMBER", "VIEWER", "EDITOR", "USER", "MANAGER"] {
        for object in [
            RoleObject::Account,
            RoleObject::Project,
            RoleObject::Group,
            RoleObject::ServicePrincipal,
            RoleObject::Cluster,
            RoleObject::Job,
            RoleObject::Source,
            RoleObject::Catalog,
            RoleObject::StreamCapture,
        ] {
            client.grant_role(role, object, "x", ana()).send().unwrap();
        }
    }
}

#[test]
fn policies_are_shown_of_a_catalog() {
    let (_emulator, client) = emulator();
    client.create_catalog("my_glue", "GLUE").send().unwrap();
    let shown = client.show_policies("my_glue").send().unwrap();
    assert!(shown.payload()["queryResultPath"].is_string(), "{shown:?}");
    for direction in [PolicyDirection::Import, PolicyDirection::Sync] {
        client.show_policies_diff("my_glue", direction).send().unwrap();
    }
    let error = client.show_policies("none").send().unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(client.show_policies("x").command().effect(), Effect::Repeatable);
    assert_eq!(client.show_policies_diff("x", "SYNC").command().effect(), Effect::Repeatable);
}

#[test]
fn a_grant_cannot_say_more_than_a_grant() {
    let client = Client::offline();
    let refused = [
        client.grant_privilege(
            Privilege::Other("SELECT ON LAKE 'x' TO".into()),
            "TABLE",
            "t",
            Principal::user("u"),
        ),
        client.grant_privilege(
            Privilege::Select,
            PrivilegeObject::Other(String::new()),
            "t",
            Principal::user("u"),
        ),
        client.grant_privilege("SELECT", "TABLE", "", Principal::user("u")),
        client.grant_privilege("SELECT", "TABLE", "t", Principal::user(" ")),
        client.grant_privilege("SELECT", "TABLE", "a\nb", Principal::user("u")),
        client.grant_privilege(
            "SELECT",
            "TABLE",
            "t",
            Principal::new(PrincipalType::Other("USER 'x'".into()), "u"),
        ),
    ];
    for call in refused {
        assert_eq!(call.to_sql().unwrap_err().kind(), ErrorKind::InvalidArgument, "{call:?}");
    }
    let new =
        client.grant_role(Role::Other("AUDITOR".into()), RoleObject::Project, "p", Principal::user("u"));
    assert_eq!(new.to_sql().unwrap(), "GRANT ROLE AUDITOR ON PROJECT 'p' TO USER 'u'");
}

#[test]
fn plans_hold_them_too() {
    for (json, sql) in [
        (
            r#"{"grant_privilege": {"privilege": "SELECT", "object_type": "TABLE", "object": "t",
                "principal": {"type": "USER", "id": "u"}}}"#,
            "GRANT PRIVILEGE SELECT ON TABLE 't' TO USER 'u'",
        ),
        (
            r#"{"grant_role": {"role": "ADMIN", "object_type": "ACCOUNT", "object": "a",
                "principal": {"type": "GROUP", "id": "g"}}}"#,
            "GRANT ROLE ADMIN ON ACCOUNT 'a' TO GROUP 'g'",
        ),
        (r#"{"show_policies": {"catalog": "c"}}"#, "SHOW POLICIES CATALOG = `c`"),
        (
            r#"{"show_policies_diff": {"catalog": "c", "direction": "IMPORT"}}"#,
            "SHOW POLICIES DIFF CATALOG = `c` FOR IMPORT",
        ),
    ] {
        let command: AnyCommand = serde_json::from_str(json).unwrap();
        assert_eq!(command.to_sql().unwrap(), sql);
        let again = serde_json::to_string(&command).unwrap();
        assert_eq!(serde_json::from_str::<AnyCommand>(&again).unwrap(), command);
        assert!(
            serde_json::from_str::<AnyCommand>(&json.replace("SELECT", "SELEKT")).is_err()
                == json.contains("SELECT")
        );
    }
}
