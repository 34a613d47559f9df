//! A query on Hotdata: its rows as a table on the screen, and all of them as a CSV file.
//!
//! ```text
//! cargo run --features arrow,hotdata --example hotdata_query -- [SQL] [FILE.csv]
//! ```
//!
//! It talks to an emulator inside this program, into which it loads a small table first. With
//! `HOTDATA_API_KEY`, `HOTDATA_WORKSPACE` and `HOTDATA_DATABASE` it queries the real service, and changes
//! nothing there.

use controlplane::Error;
use controlplane::hotdata::{Client, CreateDatabaseRequest, Credentials, LoadMode, ResultFormat};
use controlplane_emulator::hotdata::Emulator;
use serde_json::Value;

const SQL: &str =
    "SELECT city, count(*) AS orders, sum(amount) AS amount FROM orders GROUP BY city ORDER BY city";
const ORDERS: &str = "city,amount\nBergen,12.5\nLisbon,7\nBergen,1\nKyoto,99.25\nLisbon,3\nBergen,4\n";
/// The number of rows that are shown.
const SHOWN: usize = 20;

fn main() {
    if let Err(error) = run() {
        eprintln!("\n{error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let sql = arguments.next().unwrap_or_else(|| SQL.to_owned());
    let file = arguments.next();
    // Kept until the end: an emulator stops when it is dropped.
    let emulator;
    let client = if std::env::var_os("HOTDATA_API_KEY").is_some() {
        println!("HOTDATA_API_KEY is set: this is the real service.\n");
        Client::from_env()?
    } else {
        emulator = Emulator::start()?;
        println!("HOTDATA_API_KEY is not set: this is an emulator at {}.\n", emulator.url());
        with_orders(&emulator)?
    };

    // In the background, for a query that may take long. A short one needs no `and_wait`.
    let done = client.query(sql).and_wait().send()?;
    table(&done.columns, &done.rows);
    let Some(result_id) = done.result_id else {
        println!("The result was not saved: {}", done.warning.unwrap_or_default());
        return Ok(());
    };
    // All rows in one request, in one order.
    let csv = client.results().fetch_ready(result_id).format(ResultFormat::Csv).send()?;
    let csv = csv.text().unwrap_or_default();
    match file {
        Some(file) => {
            std::fs::write(&file, csv)?;
            println!("\nAll rows are in {file}.");
        }
        None => print!("\nAll rows as CSV:\n\n{csv}"),
    }
    Ok(())
}

/// A client of the emulator, with a database that has a table.
fn with_orders(emulator: &Emulator) -> Result<Client, Error> {
    let credentials =
        Credentials::builder().api_key(emulator.api_key()).workspace_id(emulator.workspace_id());
    let credentials = credentials.base_url(emulator.url()).build()?;
    let databases = Client::new(credentials.clone())?.databases();
    let database = databases.create(CreateDatabaseRequest::new().name("shop")).send()?.id;
    databases.load(&*database, "main", "orders", LoadMode::Replace).data(ORDERS).send()?;
    Client::builder().credentials(credentials).database_id(database).build()
}

/// The first rows in columns.
fn table(columns: &[String], rows: &[Vec<Value>]) {
    let text = |cell: &Value| cell.as_str().map_or_else(|| cell.to_string(), str::to_owned);
    let shown: Vec<Vec<String>> = rows.iter().take(SHOWN).map(|row| row.iter().map(text).collect()).collect();
    let width = |i: usize| {
        let cells = shown.iter().filter_map(|row| row.get(i)).chain(columns.get(i));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let line = |cells: &[String]| {
        let cells: Vec<String> =
            cells.iter().enumerate().map(|(i, cell)| format!("{cell:<width$}", width = width(i))).collect();
        println!("{}", cells.join("  ").trim_end());
    };
    line(columns);
    line(&(0..columns.len()).map(|i| "-".repeat(width(i))).collect::<Vec<_>>());
    shown.iter().for_each(|row| line(row));
    if rows.len() > SHOWN {
        println!("… and {} more rows", rows.len() - SHOWN);
    }
}
