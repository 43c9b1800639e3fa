//! Sets of objects that are narrowed and asked about as Django's are: `User.objects.filter(…).exclude(…).first()`. One
//! body for people, groups and flows.

use countersign_expr::{HostError, HostObject, Value};

use super::arguments::Arguments;

/// A set of objects, all of a model or what `filter` and `exclude` left of them.
pub(super) trait QuerySet: Send + Sync + Sized + 'static {
    /// What the class is called.
    const CLASS: &'static str = "QuerySet";

    /// Those that meet all conditions (`keep`), or those that do not.
    fn narrowed(&self, arguments: Arguments<'_>, keep: bool) -> Result<Self, HostError>;

    /// The objects, in order.
    fn objects(&self) -> Result<Vec<Value>, HostError>;

    /// Changes all of them; how many there are.
    fn update(&self, _: Arguments<'_>) -> Result<Value, HostError> {
        Err(HostError::NoSuchMethod("update".to_owned()))
    }

    /// The set as expressions see it.
    fn into_value(self) -> Value {
        Value::object(Asked(self))
    }
}

struct Asked<Q>(Q);

impl<Q: QuerySet> HostObject for Asked<Q> {
    fn type_name(&self) -> &str {
        Q::CLASS
    }

    fn attr(&self, _: &str) -> Result<Option<Value>, HostError> {
        Ok(None)
    }

    fn call(&self, method: &str, args: Vec<Value>, kwargs: Vec<(String, Value)>) -> Result<Value, HostError> {
        let (set, arguments) = (&self.0, Arguments::new(method, args, kwargs));
        match method {
            "filter" | "exclude" => return Ok(set.narrowed(arguments, method == "filter")?.into_value()),
            "update" => return set.update(arguments),
            "get" => return only(set.narrowed(arguments, true)?.objects()?),
            "all" | "first" | "last" | "exists" | "count" => arguments.finish()?,
            _ => return Err(HostError::NoSuchMethod(method.to_owned())),
        }
        let mut objects = set.objects()?;
        Ok(match method {
            "all" => Value::List(objects),
            "first" if objects.is_empty() => Value::None,
            "first" => objects.swap_remove(0),
            "last" => objects.pop().unwrap_or_default(),
            "exists" => Value::Bool(!objects.is_empty()),
            _ => count(objects.len()),
        })
    }
}

/// The one object that there is.
fn only(mut objects: Vec<Value>) -> Result<Value, HostError> {
    match objects.len() {
        1 => Ok(objects.pop().unwrap_or_default()),
        count => Err(HostError::Value(format!("get() found {count} instead of one"))),
    }
}

/// A number of objects.
pub(super) fn count(length: usize) -> Value {
    Value::Int(i64::try_from(length).unwrap_or(i64::MAX))
}
