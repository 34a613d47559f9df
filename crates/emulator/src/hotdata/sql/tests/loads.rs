//! Loads: their modes, what they refuse, and the types of columns.

use super::*;

#[test]
fn the_five_modes() {
    let database = Database::new().unwrap();
    let content = |sql: &str| asked(&database, sql);
    let all = "select * from orders order by id";
    assert_eq!(load(&database, "upsert", &["id"], "id,v\n1,a\n2,b\n1,c\n").unwrap().row_count, 2);
    assert_eq!(content(all), "id,v\n1,c\n2,b\n");
    assert_eq!(load(&database, "append", &[], "id,v\n3,d\n").unwrap().row_count, 3);
    assert_eq!(load(&database, "update", &["id"], "v,id\nB,2\nX,9\n").unwrap().row_count, 3);
    assert_eq!(content(all), "id,v\n1,c\n2,B\n3,d\n");
    assert_eq!(
        load(&database, "upsert", &["id"], "{\"id\":3,\"v\":\"D\"}\n{\"v\":\"e\",\"id\":4}\n")
            .unwrap()
            .row_count,
        4
    );
    assert_eq!(load(&database, "delete", &["id"], "id\n1\n7\n").unwrap().row_count, 3);
    assert_eq!(content(all), "id,v\n2,B\n3,D\n4,e\n");
    // Columns that are new are null in rows that are old.
    assert_eq!(load(&database, "append", &[], "id,v,w\n5,f,1\n").unwrap().row_count, 4);
    assert_eq!(content("select * from orders where id > 3 order by id"), "id,v,w\n4,e,\n5,f,1\n");
    assert_eq!(load(&database, "replace", &[], "other\n1\n").unwrap().row_count, 1);
    assert_eq!(content("select * from orders"), "other\n1\n");
    let two = "a,b,v\n1,1,x\n1,2,y\n,3,z\n";
    load(&database, "replace", &[], two).unwrap();
    assert_eq!(load(&database, "upsert", &["a", "b"], "a,b,v\n1,2,Y\n,3,Z\n").unwrap().row_count, 4);
    assert_eq!(content("select v from orders order by v"), "v\nY\nZ\nx\nz\n");
}

#[test]
fn what_a_load_must_not_do() {
    let database = orders();
    let before = asked(&database, "select * from orders");
    for (mode, key, source, status, says) in [
        ("merge", &[][..], "id\n1\n", 400, "`mode`"),
        (
            "append",
            &[],
            "id,name\n1,x\n",
            400,
            "upload is missing column 'amount'; an append must carry every column the table has",
        ),
        ("upsert", &["id"], "id,name\n1,x\n", 400, "missing column 'amount'"),
        ("upsert", &[], "id\n1\n", 400, "needs key columns"),
        ("delete", &["id"], "id,name\n1,x\n", 400, "only key columns"),
        ("delete", &["id"], "name\nx\n", 400, "missing key column 'id'"),
        ("delete", &["nothing"], "nothing\n1\n", 400, "no key column"),
        ("delete", &["id", "id"], "id\n1\n", 400, "twice"),
        (
            "append",
            &[],
            "id,name,amount,paid,day,at\nx,a,1,true,2024-01-01,2024-01-01 00:00:00\n",
            409,
            "column 'id' can't change type from int64 to varchar automatically",
        ),
        (
            "append",
            &[],
            "id,name,amount,paid,day,at\n1,a,,true,2024-01-01,2024-01-01 00:00:00\n",
            409,
            "'amount' can't change type from float64 to varchar",
        ),
        ("replace", &[], "", 400, "empty"),
        ("replace", &[], "a,A\n1,2\n", 400, "two columns"),
        ("replace", &[], "a,\n1,2\n", 400, "no name"),
        ("replace", &[], "a,b\n1\n", 400, "line 2: the record has 1 values"),
        ("replace", &[], "{\"a\":1}\n[2]\n", 400, "line 2: the line is not an object"),
        ("replace", &[], "{\"a\":1\n", 400, "line 1"),
        ("replace", &[], "{}\n", 400, "no columns"),
    ] {
        let error = load(&database, mode, key, source).expect_err(source);
        assert_eq!(error.status(), status, "{source}: {error}");
        assert!(error.message().contains(says), "{source}: {error}");
        assert_eq!(asked(&database, "select * from orders"), before, "{source}");
    }
    let empty = Database::new().unwrap();
    assert_eq!(load(&empty, "update", &["id"], "id\n1\n").unwrap_err().status(), 404);
    assert_eq!(empty.tables(), []);
}

#[test]
fn columns_widen_and_nothing_else() {
    let database = Database::new().unwrap();
    load(&database, "replace", &[], "id,at\n1,2024-01-01\n9007199254740993,\n").unwrap();
    let loaded = load(&database, "append", &[], "at,id,more\n2024-01-02 03:04:05,1.5,x\n").unwrap();
    let schema: serde_json::Value = serde_json::from_str(&loaded.arrow_schema_json).unwrap();
    assert_eq!(schema["fields"][0]["data_type"], "Float64");
    assert_eq!(schema["fields"][1]["data_type"], serde_json::json!({ "Timestamp": ["Microsecond", null] }));
    let all = asked(&database, "select at, more from orders where id < 2 order by id");
    assert_eq!(all, "at,more\n2024-01-01T00:00:00,\n2024-01-02T03:04:05,x\n");
    // What fits into a column that is wider goes in as that.
    load(&database, "append", &[], "id,at,more\n3,2024-01-03,y\n").unwrap();
    assert_eq!(
        asked(&database, "select id, at from orders where more = 'y'"),
        "id,at\n3.0,2024-01-03T00:00:00\n"
    );
}

#[test]
fn columns_that_are_told_are_kept_to() {
    let database = Database::new().unwrap();
    let told = |text: &str, columns: &[(&str, &str)]| {
        let checks: Vec<_> =
            columns.iter().map(|(name, kind)| ((*name).to_owned(), Check::of(kind))).collect();
        let columns: Vec<_> = columns
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), ColumnType::parse(kind).unwrap()))
            .collect();
        let bytes = text.as_bytes().to_vec();
        let open = move || Ok(Box::new(Cursor::new(bytes.clone())) as Box<dyn Read + Send>);
        let source = Source::Text(SourceFormat::Csv, &open);
        let columns = Some(columns.as_slice());
        let (mode, checks) = (Mode::Replace, checks.as_slice());
        database.load(&Load { schema: "s", table: "t", mode, key: &[], columns, checks, source })
    };
    let wide = "12345678901234567890.123456789012345678";
    told(
        &format!("a,b,c,d\n007,{wide},1.255,x\n"),
        &[("d", "BLOB"), ("c", "DECIMAL(10,2)"), ("b", "DECIMAL(38,18)"), ("a", "VARCHAR")],
    )
    .unwrap();
    assert_eq!(asked(&database, "select * from s.t"), format!("a,b,c,d\n007,{wide},1.26,78\n"));
    let values = "a,b,c,d,e\n-128,2147483647,18446744073709551615,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,23:59:59.5\n,,,,\n";
    let kinds = [("a", "TINYINT"), ("b", "INTEGER"), ("c", "UBIGINT"), ("d", "UUID"), ("e", "TIME")];
    told(values, &kinds).unwrap();
    assert_eq!(asked(&database, "select * from s.t"), values);
    for (text, columns, says) in [
        ("a\n1\n", &[("a", "BIGINT"), ("b", "BIGINT")][..], "names 'b'"),
        ("a,b\n1,2\n", &[("a", "BIGINT")], "does not name 'b'"),
        ("a\nx\n", &[("a", "BIGINT")], "line 2, column 'a'"),
        ("a\n1\n128\n", &[("a", "TINYINT")], "line 3, column 'a': the value is not of the type tinyint"),
        ("a\n-32769\n", &[("a", "SMALLINT")], "not of the type smallint"),
        ("a\n2147483648\n", &[("a", "INTEGER")], "not of the type integer"),
        ("a\n-1\n", &[("a", "UTINYINT")], "not of the type utinyint"),
        ("a\n65536\n", &[("a", "USMALLINT")], "not of the type usmallint"),
        ("a\n4294967296\n", &[("a", "UINTEGER")], "not of the type uinteger"),
        ("a\n-1\n", &[("a", "UBIGINT")], "not of the type ubigint"),
        ("a\n18446744073709551616\n", &[("a", "UBIGINT")], "not of the type ubigint"),
        ("a\na0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1\n", &[("a", "UUID")], "not of the type uuid"),
        ("a\n24:00:00\n", &[("a", "TIME")], "not of the type time"),
    ] {
        let error = told(text, columns).unwrap_err();
        assert!(error.status() == 400 && error.message().contains(says), "{error}");
    }
}
