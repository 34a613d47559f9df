//! Loads and queries together.

use std::io::{Cursor, Read};
use std::sync::Arc;
use std::time::Duration;

use crate::hotdata::formats::{StoredResult, Window, csv};
use crate::hotdata::storage::Pool;

use super::load::Loaded;
use super::*;

mod loads;

const LIMITS: Limits = Limits { time: Duration::from_secs(60), bytes: 1 << 30, now: 1_704_110_400_000_000 };

fn scope(database: &Database) -> Scope {
    Scope {
        catalogs: vec![(vec!["default".to_owned(), "shop".to_owned()], database.clone())],
        default_catalog: "default".to_owned(),
        default_schema: "main".to_owned(),
    }
}

fn load(database: &Database, mode: &str, key: &[&str], text: &str) -> Result<Loaded, SqlError> {
    let format = SourceFormat::detect(None, text.as_bytes()).unwrap();
    let bytes = text.as_bytes().to_vec();
    let open = move || Ok(Box::new(Cursor::new(bytes.clone())) as Box<dyn Read + Send>);
    let key: Vec<String> = key.iter().map(|key| (*key).to_owned()).collect();
    database.load(&Load {
        schema: "main",
        table: "orders",
        mode: Mode::parse(mode)?,
        key: &key,
        columns: None,
        checks: &[],
        source: Source::Text(format, &open),
    })
}

fn run(scope: &Scope, sql: &str) -> Result<Arc<StoredResult>, SqlError> {
    query(scope, sql, &LIMITS, &Pool::new(1 << 24)).map(Arc::new)
}

fn text(result: &Arc<StoredResult>) -> String {
    String::from_utf8(csv(result, Window::default()).whole().unwrap()).unwrap()
}

fn asked(database: &Database, sql: &str) -> String {
    text(&run(&scope(database), sql).unwrap_or_else(|e| panic!("{sql}: {e}")))
}

fn orders() -> Database {
    let database = Database::new().unwrap();
    load(
        &database,
        "replace",
        &[],
        "id,name,amount,paid,day,at\n1,ann,1.5,true,2024-01-31,2024-01-31 10:00:00\n2,,2,false,2024-02-01,2024-02-01T11:00:00.5\n",
    )
    .unwrap();
    database
}

#[test]
fn what_is_loaded_can_be_asked_for() {
    let database = orders();
    let facts = database.table("main", "orders").unwrap();
    let types: Vec<String> = facts.columns.iter().map(|column| column.data_type.plain()).collect();
    assert_eq!(types, ["int64", "varchar", "float64", "boolean", "date", "timestamp"]);
    assert_eq!(facts.rows, 2);
    for (sql, expected) in [
        (
            "SELECT id, paid, day, at FROM orders",
            "id,paid,day,at\n1,true,2024-01-31,2024-01-31T10:00:00\n2,false,2024-02-01,2024-02-01T11:00:00.5\n",
        ),
        ("SELECT orders.id FROM main.orders WHERE orders.day > DATE '2024-01-31';", "id\n2\n"),
        ("select default.main.orders.id from default.main.orders order by 1 desc", "id\n2\n1\n"),
        ("select o.id from shop.main.orders o, (select 1 as one) x where o.id = x.one", "id\n1\n"),
        ("select main.orders.id from orders where name ilike 'AN%'", "id\n1\n"),
        ("select count(*) from orders where name like 'AN%'", "count(*)\n0\n"),
        ("select a.id, b.id as other from orders a join orders b on a.id + 1 = b.id", "id,other\n1,2\n"),
        ("with orders as (select 7 as x) select * from orders", "x\n7\n"),
        ("with t(n) as (select 1) select n from t", "n\n1\n"),
        ("select sum(amount) as total, max(day) from \"orders\"", "total,max(day)\n3.5,2024-02-01\n"),
        (
            "select id::text || '!' as x, (id * 2)::double precision from orders where id = 1",
            "x,(id * 2)::double precision\n1!,2.0\n",
        ),
        (
            "select '12.345'::decimal(10,2) as d, 1::boolean as b, null as n, now()",
            "d,b,n,now()\n12.35,true,,2024-01-01T12:00:00Z\n",
        ),
        (
            "select cast('2024-05-06' as date) as d, TIMESTAMP '2024-05-06 07:08' as t",
            "d,t\n2024-05-06,2024-05-06T07:08:00\n",
        ),
        ("select $$it's$$ as x -- end", "x\nit's\n"),
        ("select n from generate_series(2, 6, 2) as t(n)", "n\n2\n4\n6\n"),
        ("select value from generate_series(1, 2)", "value\n1\n2\n"),
        ("select n from generate_series((1 + 1)::int, coalesce(null, 4), 2) as t(n)", "n\n2\n4\n"),
        ("select count(*) as c from orders o, generate_series(1, o.id) g", "c\n3\n"),
        ("select count(*) as c from generate_series(1, 3) a, generate_series(1::int, 4) b", "c\n12\n"),
        (
            "select extract_me from (select 1 as extract_me) where extract_me is not distinct from 1",
            "extract_me\n1\n",
        ),
        ("values (1, 'a'), (2, 'b')", "column1,column2\n1,a\n2,b\n"),
        (
            "select column_name from information_schema.columns where table_name = 'orders' and ordinal_position < 3",
            "column_name\nid\nname\n",
        ),
        (
            "select * from (orders o join (select 2 as two) x on o.id = x.two) limit 0",
            "id,name,amount,paid,day,at,two\n",
        ),
        ("select true as t, 1 = 2 as f, case when true then 1 end as c", "t,f,c\ntrue,false,1\n"),
        ("select (1 + 2)::text::int as x, -1::int as y, lower('A')::text as z", "x,y,z\n3,-1,a\n"),
    ] {
        assert_eq!(asked(&database, sql), expected, "{sql}");
    }
}

#[test]
fn days_and_times_have_parts_and_are_shifted() {
    let database = orders();
    for (sql, expected) in [
        (
            "select extract(year from day) as y, extract(month from at) m, extract('dow' from day), date_part('doy', day) d \
             from orders order by id",
            "y,m,extract('dow' from day),d\n2024,1,3,31\n2024,2,4,32\n",
        ),
        (
            "select extract(hour from at) h, extract(minute from at) m, extract(second from at) s, extract(millisecond from at) ms, \
             extract(epoch from at) e, extract(quarter from at) q, extract(week from at) w, extract(isodow from at) i from orders where id = 2",
            "h,m,s,ms,e,q,w,i\n11,0,0,500,1706785200.5,1,5,4\n",
        ),
        ("select extract(year from null) as n, extract(week from date '2021-01-03') w", "n,w\n,53\n"),
        (
            "select date_trunc('month', day) as m, date_trunc('hour', at) h, date_trunc('WEEK', at) w from orders where id = 2",
            "m,h,w\n2024-02-01T00:00:00,2024-02-01T11:00:00,2024-01-29T00:00:00\n",
        ),
        (
            "select date_trunc('quarter', timestamp '2024-06-07 08:09:10') q, max(date_trunc('year', day)) y from orders",
            "q,y\n2024-04-01T00:00:00,2024-01-01T00:00:00\n",
        ),
        (
            "select at + interval '1 month' as a, at - interval '90 minutes' as b, timestamp '2024-03-31 12:00:00' - interval '1' month c \
             from orders where id = 1",
            "a,b,c\n2024-02-29T10:00:00,2024-01-31T08:30:00,2024-02-29T12:00:00\n",
        ),
        (
            "select now() + interval '1 day 02:30:00', now() - interval '1 year 2 mons' as b, current_timestamp - interval 1 week w",
            "now() + interval '1 day 02:30:00',b,w\n2024-01-02T14:30:00Z,2022-11-01T12:00:00Z,2023-12-25T12:00:00Z\n",
        ),
        (
            "select count(*) as n from orders where at > now() - interval '1 hour' + interval '1 hour' and day + interval '1 day' > day",
            "n\n2\n",
        ),
        (
            "select (at::timestamp + interval '1.5 hours')::date as d from orders where id = 1",
            "d\n2024-01-31\n",
        ),
    ] {
        assert_eq!(asked(&database, sql), expected, "{sql}");
    }
    for (sql, says) in [
        ("select extract(fortnight from now())", "fortnight"),
        ("select extract(year from 5)", "timestamp"),
        ("select extract(year from 'x')", "timestamp"),
        ("select date_trunc('century', now())", "century"),
        ("select interval '1 day'", "INTERVAL"),
        ("select interval '1 day' + now()", "INTERVAL"),
        ("select -interval '1 day'", "INTERVAL"),
        ("select now() + interval '1 day' * 2", "INTERVAL"),
        ("select now() + interval '1 parsec'", "interval"),
        ("select now() + interval ''", "interval"),
        ("select now() + interval '9999999999 years'", "date or timestamp"),
        ("select 5 + interval '1 day'", "timestamp"),
        ("select 'x' + interval '1 day'", "date or timestamp"),
    ] {
        let error = run(&scope(&database), sql).map(|result| text(&result)).expect_err(sql);
        assert!(error.status() == 400 && error.message().contains(says), "{sql}: {error}");
    }
}

#[test]
fn numbers_are_divided_and_compared_as_in_arrow() {
    let database = orders();
    for (sql, expected) in [
        (
            "select 7 / 2 as a, -7 / 2 as b, 7 % 3 as c, 7 / 2.0 as d, 7.5 % 2 as e",
            "a,b,c,d,e\n3,-3,1,3.5,1.5\n",
        ),
        (
            "select 100 / 10 / 5 as a, 2 * 6 / 4 as b, 12 / 4 * 3 as c, 1 + 8 / 4 - 1 as d",
            "a,b,c,d\n2,3,9,2\n",
        ),
        (
            "select (1 + 7) / (2 + 2) as a, 9 / -(2) as b, 8 / 2::int / 2 as c, 7 / 2",
            "a,b,c,7 / 2\n2,-4,2,3\n",
        ),
        (
            "select null / 0 as a, 0 / null as b, 1.0 / 0 as c, -1 / 0.0 as d, 0.0 / 0 as e",
            "a,b,c,d,e\n,,,,\n",
        ),
        (
            "select sum(id) / count(*) as a, sum(id) over () / 2 as b, orders.id / orders.id as c, max(id) filter (where id < 2) / 1 d \
             from orders group by id order by 1",
            "a,b,c,d\n1,1,1,1\n2,1,1,\n",
        ),
        (
            "select case when id = 1 then 4 else 8 end / case id when 1 then 2 else 4 end as a from orders",
            "a\n2\n2\n",
        ),
        (
            "select cast(7 / 2 as text) || 'x' as a, coalesce(4 / 2, 1) b, (select 9) / (select 3) c",
            "a,b,c\n3x,2,3\n",
        ),
        ("select n from generate_series(1, 6 / 2, 4 / 2) as t(n)", "n\n1\n3\n"),
        ("select id from orders where id / 2 = 1 and id % 2 = 0", "id\n2\n"),
        (
            "select greatest(1, null, 3, 2) as g, least('b', 'a') l, greatest(null, null) n, least(2.5, 2) f, greatest(4) o",
            "g,l,n,f,o\n3,a,,2.0,4\n",
        ),
        (
            "select greatest(day, date '2024-01-31') as d, least(at, null) as t from orders where id = 1",
            "d,t\n2024-01-31,2024-01-31T10:00:00\n",
        ),
        (
            "select array_agg(id) as a, array_agg(name) b, array_agg(amount) c from orders",
            "a,b,c\n\"[1,2]\",\"[\"\"ann\"\",null]\",\"[1.5,2.0]\"\n",
        ),
        ("select array_agg(id) is null as a from orders where id > 5", "a\ntrue\n"),
        (
            "select 1.9::int as a, '12'::bigint b, true::int c, '1e3'::float d, 3::double e, -2.5::smallint f",
            "a,b,c,d,e,f\n1,12,1,1000.0,3.0,-2\n",
        ),
        (
            "select 'A0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid as u, '23:59:59.5'::time t",
            "u,t\nA0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,23:59:59.5\n",
        ),
        ("select date '2024-01-31'::text || '!' as a", "a\n2024-01-31!\n"),
    ] {
        assert_eq!(asked(&database, sql), expected, "{sql}");
    }
    for (sql, says) in [
        ("select 1 / 0", "divide by zero"),
        ("select 1 % 0", "divide by zero"),
        ("select id / (id - id) from orders", "divide by zero"),
        ("select (-9223372036854775807 - 1) / -1", "64-bit"),
        ("select 'x' / 2", "type number"),
        ("select 1 /", "second operand"),
        ("select 128::tinyint", "tinyint"),
        ("select (-1)::usmallint", "usmallint"),
        ("select 3000000000::int", "integer"),
        ("select 'abc'::int", "integer"),
        ("select '1.5'::bigint", "bigint"),
        ("select 1e300::bigint", "bigint"),
        ("select 'abc'::float", "double"),
        ("select 'abc'::uuid", "uuid"),
        ("select '25:00'::time", "time"),
        ("select greatest()", "greatest"),
    ] {
        let error = run(&scope(&database), sql).map(|result| text(&result)).expect_err(sql);
        assert!(error.status() == 400 && error.message().contains(says), "{sql}: {error}");
    }
}

#[test]
fn what_is_long_is_answered() {
    let database = Database::new().unwrap();
    // On a stack as the server's threads have.
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(move || {
        let length = 300_000;
        let repeated = |text: &str| text.repeat(length / text.len());
        for sql in [
            format!("select 1{}", "::int".repeat(20_000)),
            format!("select 1{}", repeated("::int")),
            format!("select 1{}", repeated("/1")),
            format!("select 1{}", repeated("*1") + "/2"),
            format!("select now(){}", repeated(" + interval '1 day'")),
            format!("select {}1{}", "case when 1 then ".repeat(20_000), " end::int".repeat(20_000)),
            format!("with x as (select 1) select {}", repeated("f(")),
            format!("select {}", repeated("f(1)/")),
            format!("select {}", (0..100_000).map(|n| format!("$a{n}$b")).collect::<String>()),
            format!("select {}1", repeated("-")),
            format!("select 1{}", repeated(".a")),
        ] {
            match run(&scope(&database), &sql) {
                Err(error) => assert_eq!(error.status(), 400, "{}: {error}", &sql[..40]),
                Ok(_) => panic!("{} is answered", &sql[..40]),
            }
        }
        let some = format!("select 1{} as x", "::int".repeat(90));
        assert_eq!(asked(&database, &some), "x\n1\n");
    });
    thread.unwrap().join().unwrap();
}

#[test]
fn what_is_no_query_is_refused() {
    let database = orders();
    let scope = scope(&database);
    for (sql, status, says) in [
        ("", 400, "no statement"),
        ("  ; ", 400, "no statement"),
        ("select * from nowhere", 400, "no such table: nowhere"),
        ("select * from x.y.z", 400, "no such table: x.y.z"),
        ("select nobody from orders", 400, "no such column: nobody"),
        ("select \"nobody\" from orders", 400, "no such column"),
        ("select 1 +", 400, "incomplete input"),
        ("select 1; select 2", 400, "one statement"),
        ("drop table orders", 400, "only queries"),
        ("with x as (select 1) insert into \"c0\".\"main.orders\" (id) values (3)", 400, ""),
        ("pragma query_only = off", 400, "only queries"),
        ("attach 'x' as y", 400, "only queries"),
        ("explain select 1", 400, "only queries"),
        ("select load_extension('x')", 400, ""),
        ("select 'x'::date", 400, "invalid input syntax for type date"),
        ("select 1::nothing", 400, "not a column type"),
        ("select * from \"c0\".\"main.orders\"", 400, "no such table"),
        ("select * from generate_series(9223372036854775800, 9223372036854775807)", 400, "2^61"),
        ("select * from \"Generate_Series\"(1, 2, -9223372036854775807 - 1)", 400, "2^61"),
        (
            "select * from generate_series(-9223372036854775807, 9223372036854775807) order by 1 desc",
            400,
            "2^61",
        ),
        ("select * from generate_series(1, 2) where step = -9223372036854775807 - 1", 400, "prohibited"),
        (
            "select value from generate_series where start = 9223372036854775800 and stop > 1",
            400,
            "prohibited",
        ),
        ("select * from (generate_series(1, 9223372036854775807)) limit 1", 400, "2^61"),
        ("select 1 in generate_series(9223372036854775800, 9223372036854775807)", 400, ""),
        (
            "select (select max(value) from generate_series(9223372036854775800, 9223372036854775807))",
            400,
            "2^61",
        ),
    ] {
        let error = run(&scope, sql).map(|result| text(&result)).expect_err(sql);
        assert_eq!(error.status(), status, "{sql}: {error}");
        assert!(error.message().contains(says), "{sql}: {error}");
    }
    let deep = format!("select {}1{}", "(".repeat(500), ")".repeat(500));
    assert_eq!(run(&scope, &deep).unwrap_err().status(), 400);
    let wide = format!("select 1{}", " + 1".repeat(1000));
    assert_eq!(run(&scope, &wide).unwrap_err().status(), 400);
    // Nothing of it had an effect.
    assert_eq!(asked(&database, "select count(*) as n from orders"), "n\n2\n");
}

#[test]
fn a_query_takes_no_more_than_it_may() {
    let database = Database::new().unwrap();
    let scope = scope(&database);
    let pool = Pool::new(1 << 20);
    let endless =
        "with recursive r(n) as (select 1 union all select n + 1 from r) select n from r where n < 0";
    let short = Limits { time: Duration::ZERO, ..LIMITS };
    assert_eq!(query(&scope, endless, &short, &pool).unwrap_err().status(), 503);
    let small = Limits { bytes: 100_000, ..LIMITS };
    let large = "select value from generate_series(1, 1000000)";
    assert_eq!(query(&scope, large, &small, &pool).unwrap_err().status(), 503);
    assert_eq!(
        query(&scope, "select length(zeroblob(1000000000))", &LIMITS, &pool).unwrap_err().status(),
        400
    );
    assert_eq!(pool.used(), 0);
}

#[test]
fn a_query_sees_its_own_catalog_and_attached_ones() {
    let (own, other) = (orders(), Database::new().unwrap());
    load(&other, "replace", &[], "id\n5\n").unwrap();
    let mut scope = scope(&own);
    assert!(run(&scope, "select * from other.main.orders").is_err());
    scope.catalogs.push((vec!["other".to_owned()], other.clone()));
    let sql = "select a.id as a, b.id as b from orders a, other.main.orders b order by 1";
    assert_eq!(text(&run(&scope, sql).unwrap()), "a,b\n1,5\n2,5\n");
    scope.default_catalog = "other".to_owned();
    assert_eq!(text(&run(&scope, "select id from orders").unwrap()), "id\n5\n");
    scope.default_schema = "nowhere".to_owned();
    assert!(run(&scope, "select id from orders").is_err());
}

#[test]
fn a_result_becomes_a_table() {
    let database = orders();
    let sql = "select id, 1.5::decimal(5,2) as d, at, x'00ff' as b, 9e999 as inf from orders order by id";
    let result = run(&scope(&database), sql).unwrap();
    let source = Source::Result(&result);
    let load = Load {
        schema: "copies",
        table: "one",
        mode: Mode::Replace,
        key: &[],
        columns: None,
        checks: &[],
        source,
    };
    assert_eq!(database.load(&load).unwrap().row_count, 2);
    let types: Vec<String> =
        database.table("copies", "one").unwrap().columns.iter().map(|c| c.data_type.plain()).collect();
    assert_eq!(types, ["int64", "decimal(5,2)", "timestamp", "blob", "float64"]);
    assert_eq!(asked(&database, "select * from copies.one"), text(&result));
}

#[test]
fn a_fork_goes_its_own_way() {
    let database = orders();
    let fork = database.fork().unwrap();
    load(&fork, "delete", &["id"], "id\n1\n").unwrap();
    assert_eq!(asked(&fork, "select id from orders"), "id\n2\n");
    assert_eq!(asked(&database, "select count(*) as n from orders"), "n\n2\n");
    assert!(
        database.drop_table("main", "orders").unwrap() && !database.drop_table("main", "orders").unwrap()
    );
    assert!(run(&scope(&database), "select * from orders").is_err());
    assert_eq!(fork.tables(), [("main".to_owned(), "orders".to_owned())]);
    assert!(fork.bytes() > 0);
}

#[test]
fn a_profile_tells_what_is_in_a_table() {
    let database = orders();
    assert_eq!(database.profile("main", "nothing").unwrap(), None);
    let profile = database.profile("main", "orders").unwrap().unwrap();
    let expected = serde_json::json!([
        { "name": "id", "data_type": "Int64", "cardinality": 2, "null_count": 0, "null_percentage": 0.0,
          "profile": { "type": "numeric", "min": "1", "max": "2", "mean": 1.5 } },
        { "name": "name", "data_type": "Utf8", "cardinality": 1, "null_count": 1, "null_percentage": 50.0,
          "profile": { "type": "categorical", "values": [{ "value": null, "count": 1 }, { "value": "ann", "count": 1 }] } },
        { "name": "amount", "data_type": "Float64", "cardinality": 2, "null_count": 0, "null_percentage": 0.0,
          "profile": { "type": "numeric", "min": "1.5", "max": "2.0", "mean": 1.75 } },
        { "name": "paid", "data_type": "Boolean", "cardinality": 2, "null_count": 0, "null_percentage": 0.0,
          "profile": { "type": "boolean", "true_count": 1, "false_count": 1 } },
        { "name": "day", "data_type": "Date32", "cardinality": 2, "null_count": 0, "null_percentage": 0.0,
          "profile": { "type": "temporal", "min": "2024-01-31", "max": "2024-02-01" } },
        { "name": "at", "data_type": "Timestamp(Microsecond, None)", "cardinality": 2, "null_count": 0,
          "null_percentage": 0.0,
          "profile": { "type": "temporal", "min": "2024-01-31T10:00:00", "max": "2024-02-01T11:00:00.5" } },
    ]);
    assert_eq!(serde_json::Value::Array(profile), expected);
}

#[test]
fn types_have_the_names_of_the_vendors_sdk() {
    for (definition, expected) in [
        (serde_json::json!("BIGINT"), Some("int64")),
        (serde_json::json!("decimal(10,2)"), Some("decimal(10,2)")),
        (serde_json::json!({ "type": "DECIMAL", "precision": 38, "scale": 0 }), Some("decimal(38,0)")),
        (serde_json::json!({ "type": "VARCHAR", "precision": null }), Some("varchar")),
        (serde_json::json!("TIMESTAMPTZ"), Some("timestamptz")),
        (serde_json::json!("MONEY"), None),
        (serde_json::json!("DECIMAL(39,0)"), None),
        (serde_json::json!("DECIMAL(5,6)"), None),
        (serde_json::json!({ "type": "DECIMAL", "scale": 2 }), None),
        (serde_json::json!({ "type": "BIGINT", "precision": 2 }), None),
        (serde_json::json!({ "type": "BIGINT", "width": 2 }), None),
        (serde_json::json!(5), None),
    ] {
        let found = ColumnType::from_json(&definition).ok().map(ColumnType::plain);
        assert_eq!(found.as_deref(), expected, "{definition}");
    }
    for name in "VARCHAR TEXT STRING CHAR BOOLEAN TINYINT SMALLINT INTEGER BIGINT UTINYINT USMALLINT UINTEGER UBIGINT REAL \
                 FLOAT DOUBLE DECIMAL NUMERIC DATE TIME TIMESTAMP TIMESTAMPTZ BINARY BLOB UUID JSON"
        .split_whitespace()
    {
        let kind = ColumnType::parse(name).unwrap();
        assert_eq!(ColumnType::of_declared(&kind.declared()), Some(kind), "{name}");
    }
}

#[test]
fn queries_and_loads_at_once() {
    let database = orders();
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let database = database.clone();
            std::thread::spawn(move || {
                for _ in 0..20 {
                    let count = asked(&database, "select count(*) % 2 as n from orders");
                    assert_eq!(count, "n\n0\n");
                }
            })
        })
        .collect();
    let two = "id,name,amount,paid,day,at\n1,ann,1.5,true,2024-01-31,2024-01-31 10:00:00\n2,b,2,false,2024-02-01,2024-02-01T11:00:00\n";
    for _ in 0..20 {
        load(&database, "append", &[], two).unwrap();
    }
    readers.into_iter().for_each(|reader| reader.join().unwrap());
    assert_eq!(database.table("main", "orders").unwrap().rows, 42);
}

#[test]
fn queries_in_queries_as_deep_as_they_may_be() {
    let database = Database::new().unwrap();
    // On a stack as the server's threads have.
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(move || {
        for (open, close, base) in
            [("select * from (", ")", "select 1 as x"), ("select (", ") as x", "select 1 as x")]
        {
            for depth in [1, 50, 99, 200] {
                let sql = format!("{}{base}{}", open.repeat(depth), close.repeat(depth));
                match run(&scope(&database), &sql) {
                    Ok(result) => assert_eq!(text(&result), "x\n1\n", "{depth}"),
                    Err(e) => assert!(e.status() == 400 && depth > 1, "{depth}: {e}"),
                }
            }
        }
    });
    thread.unwrap().join().unwrap();
}

proptest::proptest! {
    #[test]
    fn no_query_is_too_strange(
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "select", "from", "join", "as", "with", "case", "end", "cast", "(", ")", "(", ")", ",", ".", "::", "int",
                "numeric", "orders", "main", "default", "'a'", "\"b\"", "1", "*", "generate_series", "date", "ilike", "union",
                "where", "order by", "lateral", "is distinct from", "information_schema", "tables", "values", "1.5", "on",
                "double", "timestamp with time zone", "/", "%", "+", "-", "interval", "'1 day'", "extract", "year", "over", "$$", "é", "--\n", "now()",
            ]),
            0..25,
        ),
        spaced in proptest::bool::ANY,
    ) {
        let sql = format!("select {}", words.join(if spaced { " " } else { "" }));
        let database = STRANGE.with(Clone::clone);
        let short = Limits { time: Duration::from_secs(5), bytes: 1 << 20, ..LIMITS };
        let answered = query(&scope(&database), &sql, &short, &Pool::new(1 << 20));
        proptest::prop_assert!(answered.is_ok() || answered.is_err_and(|e| e.status() == 400));
    }
}

thread_local! {
    static STRANGE: Database = orders();
}
