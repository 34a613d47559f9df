//! The types of columns: the service's names for them, and what they are in Arrow and in SQLite.

use arrow_schema::{DataType, TimeUnit};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use super::error::{SqlError, bad};

/// The widest decimal.
const MAX_PRECISION: u8 = 38;
/// What `DECIMAL` means without digits: as DuckDB has it. The vendor's documents do not say.
const DECIMAL: ColumnType = ColumnType::Decimal { precision: 18, scale: 3 };

/// The type of a column. The 25 names in Hotdata's Python SDK 0.12.0 become these nine: the emulator keeps
/// every integer in 64 bits and every float in double precision, and what has no type of its own here
/// (`TIME`, `UUID`, `JSON`) is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnType {
    /// True or false.
    Boolean,
    /// A whole number of 64 bits.
    Int64,
    /// A number in double precision.
    Float64,
    /// A decimal number of 128 bits: all digits, and how many of them stand behind the point.
    Decimal {
        /// From 1 to 38.
        precision: u8,
        /// No more than the precision.
        scale: i8,
    },
    /// Text.
    Utf8,
    /// A day.
    Date,
    /// A date and a time in microseconds.
    Timestamp {
        /// Whether it is a moment, in UTC, or what a clock shows somewhere.
        zoned: bool,
    },
    /// Bytes.
    Binary,
}

impl ColumnType {
    /// Reads a `ColumnDefinition`: the name of a type (`"BIGINT"`, `"DECIMAL(10,2)"`), or an object with
    /// `type`, `precision` and `scale`.
    ///
    /// # Errors
    ///
    /// 400 if it is neither, or the digits do not fit together.
    pub(crate) fn from_json(definition: &Value) -> Result<Self, SqlError> {
        let object = match definition {
            Value::String(name) => return Self::parse(name),
            Value::Object(object) => object,
            _ => return bad("a column definition must be the name of a type, or an object with `type`"),
        };
        if let Some(other) = object.keys().find(|k| !["type", "precision", "scale"].contains(&k.as_str())) {
            return bad(format!(
                "a column definition cannot have `{other}`; known names: type, precision, scale"
            ));
        }
        let Some(name) = object.get("type").and_then(Value::as_str) else {
            return bad("a column definition needs `type`");
        };
        let number = |key: &str| match object.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match value.as_i64() {
                Some(number) => Ok(Some(number)),
                None => bad(format!("`{key}` is not a whole number")),
            },
        };
        match (number("precision")?, number("scale")?) {
            (None, None) => Self::parse(name),
            (None, Some(_)) => bad("`scale` needs `precision`"),
            (Some(precision), scale) => match Self::parse(name)? {
                Self::Decimal { .. } => Self::decimal(precision, scale.unwrap_or(0)),
                _ => bad(format!("`precision` is only for the type DECIMAL, and the type is {name}")),
            },
        }
    }

    /// Reads the name of a type, in any case, with digits for decimals. Knows the names in Hotdata's Python
    /// SDK 0.12.0 and those that Postgres has for the same.
    ///
    /// # Errors
    ///
    /// 400 if there is no such type.
    pub(crate) fn parse(text: &str) -> Result<Self, SqlError> {
        let (name, digits) = match text.split_once('(') {
            None => (text, None),
            Some((name, rest)) => match rest.trim_end().strip_suffix(')') {
                Some(digits) => (name, Some(digits)),
                None => return bad(format!("`{text}` is not a column type")),
            },
        };
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_uppercase();
        let found = match name.as_str() {
            "BOOLEAN" | "BOOL" => Self::Boolean,
            "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "UTINYINT" | "USMALLINT" | "UINTEGER" | "INT"
            | "INT2" | "INT4" | "INT8" => Self::Int64,
            // Does not fit into 64 bits with a sign.
            "UBIGINT" => Self::Decimal { precision: 20, scale: 0 },
            "REAL" | "FLOAT" | "DOUBLE" | "DOUBLE PRECISION" | "FLOAT4" | "FLOAT8" => Self::Float64,
            "DECIMAL" | "NUMERIC" => DECIMAL,
            "VARCHAR" | "TEXT" | "STRING" | "CHAR" | "CHARACTER VARYING" | "TIME" | "UUID" | "JSON" => {
                Self::Utf8
            }
            "DATE" => Self::Date,
            "TIMESTAMP" | "TIMESTAMP WITHOUT TIME ZONE" => Self::Timestamp { zoned: false },
            "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE" => Self::Timestamp { zoned: true },
            "BINARY" | "BLOB" | "BYTEA" => Self::Binary,
            _ => return bad(format!("`{text}` is not a column type")),
        };
        let Some(digits) = digits else { return Ok(found) };
        let numbers: Result<Vec<i64>, _> = digits.split(',').map(|part| part.trim().parse()).collect();
        match (found, numbers.as_deref()) {
            (Self::Decimal { .. }, Ok([precision])) if name != "UBIGINT" => Self::decimal(*precision, 0),
            (Self::Decimal { .. }, Ok([precision, scale])) if name != "UBIGINT" => {
                Self::decimal(*precision, *scale)
            }
            // The length of a text and the digits of a second are taken and mean nothing.
            (Self::Utf8 | Self::Timestamp { .. }, Ok([_])) => Ok(found),
            _ => bad(format!("`{text}` is not a column type")),
        }
    }

    fn decimal(precision: i64, scale: i64) -> Result<Self, SqlError> {
        match (u8::try_from(precision), i8::try_from(scale)) {
            (Ok(p @ 1..=MAX_PRECISION), Ok(s)) if (0..=precision).contains(&scale) => {
                Ok(Self::Decimal { precision: p, scale: s })
            }
            _ => bad(format!(
                "DECIMAL({precision},{scale}): the precision must be from 1 to 38, the scale from 0 to the precision"
            )),
        }
    }

    /// The type in Arrow.
    pub(crate) fn arrow(self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::Int64 => DataType::Int64,
            Self::Float64 => DataType::Float64,
            Self::Decimal { precision, scale } => DataType::Decimal128(precision, scale),
            Self::Utf8 => DataType::Utf8,
            Self::Date => DataType::Date32,
            Self::Timestamp { zoned } => {
                DataType::Timestamp(TimeUnit::Microsecond, zoned.then(|| "UTC".into()))
            }
            Self::Binary => DataType::Binary,
        }
    }

    /// The type as Arrow's text, as the information schema and profiles have it.
    pub(crate) fn arrow_text(self) -> String {
        match self {
            Self::Boolean => "Boolean".to_owned(),
            Self::Int64 => "Int64".to_owned(),
            Self::Float64 => "Float64".to_owned(),
            Self::Decimal { precision, scale } => format!("Decimal128({precision}, {scale})"),
            Self::Utf8 => "Utf8".to_owned(),
            Self::Date => "Date32".to_owned(),
            Self::Timestamp { zoned: false } => "Timestamp(Microsecond, None)".to_owned(),
            Self::Timestamp { zoned: true } => "Timestamp(Microsecond, Some(\"UTC\"))".to_owned(),
            Self::Binary => "Binary".to_owned(),
        }
    }

    /// The type as `arrow_schema_json` writes it: the JSON that Arrow's Rust library makes of a type.
    pub(crate) fn arrow_json(self) -> Value {
        match self {
            Self::Decimal { precision, scale } => json!({ "Decimal128": [precision, scale] }),
            Self::Timestamp { zoned } => json!({ "Timestamp": ["Microsecond", zoned.then_some("UTC")] }),
            other => Value::from(other.arrow_text()),
        }
    }

    /// The name that the service's refusals give it.
    pub(crate) fn plain(self) -> String {
        match self {
            Self::Boolean => "boolean".to_owned(),
            Self::Int64 => "int64".to_owned(),
            Self::Float64 => "float64".to_owned(),
            Self::Decimal { precision, scale } => format!("decimal({precision},{scale})"),
            Self::Utf8 => "varchar".to_owned(),
            Self::Date => "date".to_owned(),
            Self::Timestamp { zoned: false } => "timestamp".to_owned(),
            Self::Timestamp { zoned: true } => "timestamptz".to_owned(),
            Self::Binary => "blob".to_owned(),
        }
    }

    /// What a column is declared as in SQLite. The words decide how SQLite compares and keeps values: what
    /// says TEXT stays text, and a decimal that has more digits than a double is kept as it was written.
    pub(super) fn declared(self) -> String {
        match self {
            Self::Boolean => "BOOLEAN".to_owned(),
            Self::Int64 => "BIGINT".to_owned(),
            Self::Float64 => "DOUBLE".to_owned(),
            Self::Decimal { precision, scale } if precision <= 15 => format!("DECIMAL({precision},{scale})"),
            Self::Decimal { precision, scale } => format!("BLOB DECIMAL({precision},{scale})"),
            Self::Utf8 => "VARCHAR".to_owned(),
            Self::Date => "DATE TEXT".to_owned(),
            Self::Timestamp { zoned: false } => "TIMESTAMP TEXT".to_owned(),
            Self::Timestamp { zoned: true } => "TIMESTAMPTZ TEXT".to_owned(),
            Self::Binary => "BLOB".to_owned(),
        }
    }

    /// The type of a column that was declared so; none if the words are not ours.
    pub(super) fn of_declared(text: &str) -> Option<Self> {
        let text = text.strip_suffix(" TEXT").or_else(|| text.strip_prefix("BLOB ")).unwrap_or(text);
        Self::parse(text).ok()
    }

    /// The type that holds all values of both without loss, if it is one of the two or, for decimals and
    /// integers, one between them. This is what "widening" means here; the vendor does not list the pairs.
    pub(crate) fn widest(self, other: Self) -> Option<Self> {
        use ColumnType::{Date, Decimal, Float64, Int64, Timestamp};
        Some(match (self, other) {
            (a, b) if a == b => a,
            (Int64, Float64) | (Float64, Int64) => Float64,
            (Float64, Decimal { .. }) | (Decimal { .. }, Float64) => Float64,
            (Int64, Decimal { precision, scale }) | (Decimal { precision, scale }, Int64) => {
                Self::decimal_of(i64::from(precision) - i64::from(scale), scale.into(), 19)?
            }
            (Decimal { precision: p, scale: s }, Decimal { precision: q, scale: t }) => {
                let whole = (i64::from(p) - i64::from(s)).max(i64::from(q) - i64::from(t));
                Self::decimal_of(whole, s.max(t).into(), 0)?
            }
            (Date, Timestamp { zoned }) | (Timestamp { zoned }, Date) => Timestamp { zoned },
            _ => return None,
        })
    }

    fn decimal_of(whole: i64, scale: i64, at_least: i64) -> Option<Self> {
        Self::decimal(whole.max(at_least) + scale, scale).ok()
    }
}

/// A type in a document, by its text in Arrow.
impl Serialize for ColumnType {
    fn serialize<Z: Serializer>(&self, to: Z) -> Result<Z::Ok, Z::Error> {
        self.arrow_text().serialize(to)
    }
}

impl<'de> Deserialize<'de> for ColumnType {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let plain = [
            Self::Boolean,
            Self::Int64,
            Self::Float64,
            Self::Utf8,
            Self::Date,
            Self::Timestamp { zoned: false },
            Self::Timestamp { zoned: true },
            Self::Binary,
        ];
        let decimal = || {
            let digits = text.strip_prefix("Decimal128(")?.strip_suffix(')')?;
            let (precision, scale) = digits.split_once(", ")?;
            Self::decimal(precision.parse().ok()?, scale.parse().ok()?).ok()
        };
        let found = plain.into_iter().find(|one| one.arrow_text() == text).or_else(decimal);
        let wrong = || D::Error::custom(format!("`{}` is not a type", crate::text::one_line(&text, 60)));
        found.ok_or_else(wrong)
    }
}

/// A column of a table or of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// Its type.
    pub(crate) data_type: ColumnType,
    /// Whether it may be null.
    pub(crate) nullable: bool,
}

/// A schema as JSON text, as `LoadManagedTableResponse` has it.
pub(crate) fn arrow_schema_json(columns: &[Column]) -> String {
    let fields: Vec<Value> = columns
        .iter()
        .map(|column| {
            json!({
                "name": column.name,
                "data_type": column.data_type.arrow_json(),
                "nullable": column.nullable,
                "dict_is_ordered": false,
                "metadata": {},
            })
        })
        .collect();
    json!({ "fields": fields, "metadata": {} }).to_string()
}
