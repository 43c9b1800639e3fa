//! The OpenAPI 3.1 document of the table.

use countersign_registry::Registry;
use countersign_resource::schema_of;
use serde_json::{Map, Value, json};

use crate::{Access, Described, Endpoint, Intake, Number, Pagination, Param, Shape, crud};

/// The document.
pub(crate) fn document(registry: &Registry, table: &[Endpoint]) -> Value {
    let mut components = Components { registry, schemas: Map::new() };
    components.keep("Pagination", json!(pagination()));
    components.keep("ValidationError", validation_error());
    components.keep("GenericError", generic_error());
    let mut paths = Map::new();
    for endpoint in table {
        let operation = operation(endpoint, &mut components);
        let path = paths.entry(format!("/{}", endpoint.path)).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(endpoint.method.as_str().to_ascii_lowercase(), operation);
        }
    }
    components.schemas.sort_keys();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Countersign",
            "description": "The REST API of Countersign, in the shape of authentik's.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/api/v3" }],
        "paths": paths,
        "components": {
            "schemas": components.schemas,
            "responses": {
                "Invalid": response("The input does not keep the rules.", "ValidationError"),
                "Refused": response("It was not done; `code` says why.", "GenericError"),
            },
            "parameters": shared_params(registry),
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer" },
            },
        },
    })
}

struct Components<'r> {
    registry: &'r Registry,
    schemas: Map<String, Value>,
}

impl Components<'_> {
    fn keep(&mut self, name: &str, schema: Value) -> Value {
        self.schemas.entry(name).or_insert(schema);
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    /// A shape where it is used.
    fn place(&mut self, shape: &Shape) -> Value {
        let Described { name, mut schema } = shape.describe(self.registry);
        if let Some(schema) = schema.as_object_mut() {
            schema.shift_remove("$schema");
            schema.shift_remove("title");
        }
        without_durations(&mut schema);
        let one = match &name {
            Some(name) => self.keep(name, schema),
            None => schema,
        };
        match (shape.number, &name) {
            (Number::One, _) => one,
            (Number::Many, _) => json!({ "type": "array", "items": one }),
            (Number::Page, None) => page(&one),
            (Number::Page, Some(name)) => self.keep(&format!("Paginated{name}List"), page(&one)),
        }
    }
}

/// Durations are written as authentik does, `days=30`, not as RFC 3339 appendix A does, which is what the
/// format of that name means.
fn without_durations(schema: &mut Value) {
    match schema {
        Value::Array(elements) => elements.iter_mut().for_each(without_durations),
        Value::Object(members) => {
            if members.get("format").is_some_and(|format| format == "duration") {
                members.shift_remove("format");
            }
            members.values_mut().for_each(without_durations);
        }
        _ => {}
    }
}

fn page(one: &Value) -> Value {
    json!({
        "type": "object",
        "properties": {
            "pagination": { "$ref": "#/components/schemas/Pagination" },
            "results": { "type": "array", "items": one },
            "autocomplete": { "type": "object" },
        },
        "required": ["pagination", "results", "autocomplete"],
    })
}

fn operation(endpoint: &Endpoint, components: &mut Components<'_>) -> Value {
    let mut operation = Map::new();
    operation.insert("operationId".to_owned(), json!(endpoint.operation_id));
    operation.insert("tags".to_owned(), json!([endpoint.tag()]));
    operation.insert("summary".to_owned(), json!(endpoint.about));
    let permissions = endpoint.access.permissions();
    if !permissions.is_empty() {
        let names: Vec<&str> = permissions.iter().map(countersign_authz::Permission::as_str).collect();
        operation.insert("description".to_owned(), json!(format!("Permission: {}.", names.join(" or "))));
    }
    let parameters = parameters(endpoint, components);
    if !parameters.is_empty() {
        operation.insert("parameters".to_owned(), Value::Array(parameters));
    }
    if let Some(body) = request_body(&endpoint.intake, components) {
        operation.insert("requestBody".to_owned(), body);
    }
    let anonymous = matches!(endpoint.access, Access::Anyone);
    let security = if anonymous { json!([{}, { "bearer": [] }]) } else { json!([{ "bearer": [] }]) };
    operation.insert("security".to_owned(), security);
    operation.insert("responses".to_owned(), responses(endpoint, components));
    Value::Object(operation)
}

fn parameters(endpoint: &Endpoint, components: &mut Components<'_>) -> Vec<Value> {
    let path = endpoint
        .path_params()
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
    let mut parameters: Vec<Value> = path.collect();
    let (registry, shared) = (components.registry, crud::paging_params());
    let is_shared = |param: &Param| {
        let same = shared.iter().find(|shared| shared.name == param.name && shared.about == param.about);
        same.is_some_and(|same| same.shape.describe(registry) == param.shape.describe(registry))
    };
    for param in endpoint.params(registry) {
        if is_shared(&param) {
            parameters.push(json!({ "$ref": format!("#/components/parameters/{}", param.name) }));
            continue;
        }
        parameters.push(json!({
            "name": param.name,
            "in": "query",
            "required": param.required,
            "description": param.about,
            "schema": components.place(&param.shape),
        }));
    }
    parameters
}

fn request_body(intake: &Intake, components: &mut Components<'_>) -> Option<Value> {
    let (shape, media_type, required) = match intake {
        Intake::Nothing => return None,
        Intake::Json(shape) => (shape, "application/json", true),
        Intake::OptionalJson(shape) => (shape, "application/json", false),
        Intake::Multipart(shape) => (shape, "multipart/form-data", true),
    };
    let schema = components.place(shape);
    Some(json!({ "required": required, "content": { media_type: { "schema": schema } } }))
}

fn responses(endpoint: &Endpoint, components: &mut Components<'_>) -> Value {
    let mut responses = Map::new();
    let outcome = &endpoint.outcome;
    let mut success = json!({ "description": "Done." });
    if let (Some(shape), Some(success)) = (&outcome.shape, success.as_object_mut()) {
        let schema = components.place(shape);
        success.insert("content".to_owned(), json!({ outcome.media_type: { "schema": schema } }));
    }
    responses.insert(outcome.status.to_string(), success);
    let mut error = |status: &str, name: &str| {
        responses.insert(status.to_owned(), json!({ "$ref": format!("#/components/responses/{name}") }));
    };
    error("400", "Invalid");
    if !matches!(endpoint.access, Access::Anyone) {
        error("401", "Refused");
        error("403", "Refused");
    }
    error("404", "Refused");
    if !endpoint.method.is_safe() {
        error("409", "Refused");
        error("412", "Refused");
    }
    error("default", "Refused");
    Value::Object(responses)
}

fn response(description: &str, schema: &str) -> Value {
    let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
    json!({ "description": description, "content": { "application/json": { "schema": schema } } })
}

/// The parameters of every list, written once.
fn shared_params(registry: &Registry) -> Value {
    let params = crud::paging_params().into_iter().map(|param| {
        let value = json!({
            "name": param.name,
            "in": "query",
            "description": param.about,
            "schema": param.shape.describe(registry).schema,
        });
        (param.name.into_owned(), value)
    });
    Value::Object(params.collect())
}

fn pagination() -> Value {
    let mut schema = schema_of::<Pagination>();
    if let Some(schema) = schema.as_object_mut() {
        schema.shift_remove("$schema");
        schema.shift_remove("title");
    }
    schema
}

fn validation_error() -> Value {
    json!({
        "type": "object",
        "description": "Complaints by path of the field: `redirect_uris.0.url`; those about the whole under `non_field_errors`. A body that cannot be read has `detail` and `code` alone.",
        "properties": {
            "non_field_errors": { "type": "array", "items": { "type": "string" } },
            "detail": { "type": "string" },
            "code": { "type": "string" },
        },
        "additionalProperties": true,
    })
}

fn generic_error() -> Value {
    json!({
        "type": "object",
        "properties": { "detail": { "type": "string" }, "code": { "type": "string" } },
        "required": ["detail"],
        "additionalProperties": true,
    })
}
