//! One row of the route table: what router, OpenAPI document and the walk over all permissions read.

use std::{borrow::Cow, future::Future, sync::Arc};

use countersign_authz::Permission;
use countersign_registry::Registry;
use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;

use crate::{Answer, ApiError, Call, Shape};

/// A method of HTTP that endpoints have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes, or does.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// As it stands in a request.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a request of this method changes nothing.
    pub const fn is_safe(self) -> bool {
        matches!(self, Self::Get)
    }

    /// The method of a request, if any endpoint may have it.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete]
            .into_iter()
            .find(|method| method.as_str() == name)
    }
}

/// Who may call an endpoint. There is no default: whoever writes a row says it.
#[derive(Clone, Debug)]
pub enum Access {
    /// Anybody, signed in or not.
    Anyone,
    /// Whoever is signed in, about himself alone.
    SignedIn,
    /// Whoever holds the permission for everything; asked before the handler is called.
    Global(Permission),
    /// Whoever holds the permission for everything or for the object concerned. Asked by the handler (CRUD does
    /// it through the registry; others with [`Call::found`] and [`Call::require`]). A list that shows nobody
    /// anything is refused before the handler is called.
    Object(Permission),
    /// Whoever holds one of these for anything: lists over several kinds, each shown as its own permission says.
    AnyOf(Vec<Permission>),
}

impl Access {
    /// The permissions asked for.
    pub fn permissions(&self) -> &[Permission] {
        match self {
            Self::Anyone | Self::SignedIn => &[],
            Self::Global(permission) | Self::Object(permission) => std::slice::from_ref(permission),
            Self::AnyOf(permissions) => permissions,
        }
    }
}

/// What an endpoint takes in its body.
#[derive(Clone, Debug, Default)]
pub enum Intake {
    /// Nothing; what comes nevertheless is not looked at.
    #[default]
    Nothing,
    /// A JSON object.
    Json(Shape),
    /// A JSON object, which may be left out.
    OptionalJson(Shape),
    /// `multipart/form-data`; the handler reads [`Call::raw`].
    Multipart(Shape),
}

/// A parameter of the query.
#[derive(Clone, Debug)]
pub struct Param {
    /// Name.
    pub name: Cow<'static, str>,
    /// What it does.
    pub about: Cow<'static, str>,
    /// Its type.
    pub shape: Shape,
    /// Whether it must be there.
    pub required: bool,
}

/// Makes parameters, when the document is asked for.
type MakeParams = Arc<dyn Fn(&Registry) -> Vec<Param> + Send + Sync>;

/// Parameters of a query, as they are written in a row.
#[derive(Clone)]
enum Params {
    One(Param),
    Made(MakeParams),
}

/// What an endpoint answers when all is well.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Status.
    pub status: u16,
    /// Body; none for an empty one.
    pub shape: Option<Shape>,
    /// Media type of the body.
    pub media_type: &'static str,
}

/// What answers a call.
pub type Handler = Arc<dyn Fn(Call) -> LocalBoxFuture<'static, Result<Answer, ApiError>> + Send + Sync>;

/// A row of the route table.
///
/// ```ignore
/// Endpoint::post("core/users/{id}/set_password/", "core_users_set_password_create",
///     Access::Object(Permission::named("authentik_core.reset_user_password")), set_password)
///     .about("Sets a password.").takes::<PasswordRequest>().status(204)
/// ```
#[derive(Clone)]
pub struct Endpoint {
    /// Method.
    pub method: Method,
    /// Path below `/api/v3/`, with a slash at its end: `core/users/{id}/`.
    pub path: Cow<'static, str>,
    /// Name for generated clients: `core_users_retrieve`.
    pub operation_id: Cow<'static, str>,
    /// Who may call it.
    pub access: Access,
    /// What it does, in a sentence.
    pub about: Cow<'static, str>,
    params: Vec<Params>,
    /// Its body.
    pub intake: Intake,
    /// Its answer.
    pub outcome: Outcome,
    /// What answers; none where another part of the house does, and the row stands for the document alone.
    pub handler: Option<Handler>,
}

impl Endpoint {
    /// A row that answers 200 without saying what.
    pub fn new<F, Fut>(
        method: Method,
        path: impl Into<Cow<'static, str>>,
        operation_id: impl Into<Cow<'static, str>>,
        access: Access,
        handler: F,
    ) -> Self
    where
        F: Fn(Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Answer, ApiError>> + 'static,
    {
        let handler: Handler = Arc::new(move |call| Box::pin(handler(call)));
        Self { handler: Some(handler), ..Self::elsewhere(method, path, operation_id, access) }
    }

    /// A row for the document alone: another part of the house answers.
    pub fn elsewhere(
        method: Method,
        path: impl Into<Cow<'static, str>>,
        operation_id: impl Into<Cow<'static, str>>,
        access: Access,
    ) -> Self {
        Self {
            method,
            path: path.into(),
            operation_id: operation_id.into(),
            access,
            about: Cow::Borrowed(""),
            params: Vec::new(),
            intake: Intake::Nothing,
            outcome: Outcome { status: 200, shape: None, media_type: "application/json" },
            handler: None,
        }
    }

    /// A row for GET.
    pub fn get<F, Fut>(path: &'static str, operation_id: &'static str, access: Access, handler: F) -> Self
    where
        F: Fn(Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Answer, ApiError>> + 'static,
    {
        Self::new(Method::Get, path, operation_id, access, handler)
    }

    /// A row for POST.
    pub fn post<F, Fut>(path: &'static str, operation_id: &'static str, access: Access, handler: F) -> Self
    where
        F: Fn(Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Answer, ApiError>> + 'static,
    {
        Self::new(Method::Post, path, operation_id, access, handler)
    }

    /// A row for PUT.
    pub fn put<F, Fut>(path: &'static str, operation_id: &'static str, access: Access, handler: F) -> Self
    where
        F: Fn(Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Answer, ApiError>> + 'static,
    {
        Self::new(Method::Put, path, operation_id, access, handler)
    }

    /// A row for PATCH.
    pub fn patch<F, Fut>(path: &'static str, operation_id: &'static str, access: Access, handler: F) -> Self
    where
        F: Fn(Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Answer, ApiError>> + 'static,
    {
        Self::new(Method::Patch, path, operation_id, access, handler)
    }

    /// A row for DELETE, which answers 204.
    pub fn delete<F, Fut>(path: &'static str, operation_id: &'static str, access: Access, handler: F) -> Self
    where
        F: Fn(Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Answer, ApiError>> + 'static,
    {
        Self::new(Method::Delete, path, operation_id, access, handler).status(204)
    }

    /// What it does, in a sentence.
    #[must_use]
    pub fn about(mut self, words: impl Into<Cow<'static, str>>) -> Self {
        self.about = words.into();
        self
    }

    /// It takes a JSON object of this type; read it with [`Call::json`].
    #[must_use]
    pub fn takes<T: JsonSchema>(self) -> Self {
        self.intake(Intake::Json(Shape::of::<T>()))
    }

    /// It takes this.
    #[must_use]
    pub fn intake(mut self, intake: Intake) -> Self {
        self.intake = intake;
        self
    }

    /// It answers 200 with this type.
    #[must_use]
    pub fn gives<T: JsonSchema>(self) -> Self {
        self.gives_shape(Shape::of::<T>())
    }

    /// It answers with this shape.
    #[must_use]
    pub fn gives_shape(mut self, shape: Shape) -> Self {
        self.outcome.shape = Some(shape);
        self
    }

    /// It answers with a page of this type: `{"pagination", "results", "autocomplete"}`.
    #[must_use]
    pub fn gives_page<T: JsonSchema>(self) -> Self {
        self.gives_shape(Shape::of::<T>().paginated())
    }

    /// It answers with another media type than JSON.
    #[must_use]
    pub fn gives_media(mut self, media_type: &'static str) -> Self {
        self.outcome.media_type = media_type;
        self.gives_shape(Shape::text())
    }

    /// It answers with this status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.outcome.status = status;
        self
    }

    /// It has an optional parameter of this type in its query.
    #[must_use]
    pub fn param<T: JsonSchema>(self, name: &'static str, about: &'static str) -> Self {
        self.with_param(Param {
            name: name.into(),
            about: about.into(),
            shape: Shape::of::<T>(),
            required: false,
        })
    }

    /// It has a parameter of this type in its query, which must be there.
    #[must_use]
    pub fn required_param<T: JsonSchema>(self, name: &'static str, about: &'static str) -> Self {
        self.with_param(Param {
            name: name.into(),
            about: about.into(),
            shape: Shape::of::<T>(),
            required: true,
        })
    }

    /// It has this parameter in its query.
    #[must_use]
    pub fn with_param(mut self, param: Param) -> Self {
        self.params.push(Params::One(param));
        self
    }

    /// It has the parameters in its query that this makes.
    #[must_use]
    pub fn with_params(mut self, make: impl Fn(&Registry) -> Vec<Param> + Send + Sync + 'static) -> Self {
        self.params.push(Params::Made(Arc::new(make)));
        self
    }

    /// Parameters of its query.
    pub fn params(&self, registry: &Registry) -> Vec<Param> {
        let of = |params: &Params| match params {
            Params::One(param) => vec![param.clone()],
            Params::Made(make) => make(registry),
        };
        self.params.iter().flat_map(of).collect()
    }

    /// The first segment of its path, by which clients group endpoints.
    pub fn tag(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }

    /// Names of what stands in braces, in order.
    pub fn path_params(&self) -> impl Iterator<Item = &str> {
        self.path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}
