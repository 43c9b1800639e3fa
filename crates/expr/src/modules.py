class _cs_Names:
    def __init__(self, **members):
        for name in members:
            setattr(self, name, members[name])


def _cs_hex(data):
    if isinstance(data, str):
        raise TypeError("Strings must be encoded before hashing")
    import binascii
    return binascii.hexlify(data).decode()


class _cs_Hash:
    def __init__(self, name, data):
        self.name = name
        self._hex = _cs_hex(data)

    def update(self, data):
        self._hex = self._hex + _cs_hex(data)

    def hexdigest(self):
        return _cs_digest(self.name, self._hex)

    def digest(self):
        import binascii
        return binascii.unhexlify(self.hexdigest())


_cs_hashlib = _cs_Names(
    new=lambda name, data=b"": _cs_Hash(name, data),
    md5=lambda data=b"", usedforsecurity=True: _cs_Hash("md5", data),
    sha1=lambda data=b"", usedforsecurity=True: _cs_Hash("sha1", data),
    sha256=lambda data=b"", usedforsecurity=True: _cs_Hash("sha256", data),
    sha384=lambda data=b"", usedforsecurity=True: _cs_Hash("sha384", data),
    sha512=lambda data=b"", usedforsecurity=True: _cs_Hash("sha512", data),
)


def _cs_urlencode(query, doseq=False):
    pairs = query.items() if isinstance(query, dict) else query
    parts = []
    for key, value in pairs:
        values = value if doseq and isinstance(value, (list, tuple)) else [value]
        for one in values:
            parts.append(_cs_quote(str(key), "", True) + "=" + _cs_quote(str(one), "", True))
    return "&".join(parts)


def _cs_parse_qsl(query, keep_blank_values=False):
    pairs = []
    for part in query.split("&"):
        key, _, value = part.partition("=")
        if key and (value or keep_blank_values):
            pairs.append((_cs_unquote(key, True), _cs_unquote(value, True)))
    return pairs


def _cs_parse_qs(query, keep_blank_values=False):
    found = {}
    for key, value in _cs_parse_qsl(query, keep_blank_values):
        if key not in found:
            found[key] = []
        found[key].append(value)
    return found


class _cs_Url:
    def __init__(self, url, allow_fragments=True):
        parts = _cs_urlsplit(url)
        self.scheme = parts[0]
        self.netloc = parts[1]
        self.path = parts[2]
        self.params = ""
        self.query = parts[3]
        self.fragment = parts[4]
        self.username = parts[5]
        self.password = parts[6]
        self.hostname = parts[7]
        self.port = parts[8]

    def geturl(self):
        url = self.path
        if self.netloc:
            url = "//" + self.netloc + url
        if self.scheme:
            url = self.scheme + ":" + url
        if self.query:
            url = url + "?" + self.query
        if self.fragment:
            url = url + "#" + self.fragment
        return url


_cs_urllib_parse = _cs_Names(
    quote=lambda string, safe="/": _cs_quote(string, safe, False),
    quote_plus=lambda string, safe="": _cs_quote(string, safe, True),
    unquote=lambda string: _cs_unquote(string, False),
    unquote_plus=lambda string: _cs_unquote(string, True),
    urlencode=_cs_urlencode,
    parse_qs=_cs_parse_qs,
    parse_qsl=_cs_parse_qsl,
    urlparse=_cs_Url,
    urlsplit=_cs_Url,
    urljoin=lambda base, url: _cs_urljoin(base, url),
)


_cs_urllib = _cs_Names(parse=_cs_urllib_parse)


class UUID:
    def __init__(self, hex):
        self.hex = _cs_uuid(str(hex))
        h = self.hex
        self._text = f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
        self.version = int(h[12], 16)

    def __str__(self):
        return self._text

    def __repr__(self):
        return f"UUID('{self._text}')"

    def __eq__(self, other):
        return isinstance(other, UUID) and self.hex == other.hex

    def __hash__(self):
        return hash(self.hex)


_cs_uuid_module = _cs_Names(
    UUID=UUID,
    uuid3=lambda namespace, name: UUID(_cs_uuid_of("md5", namespace.hex, name)),
    uuid4=lambda: UUID(_cs_random_uuid()),
    uuid5=lambda namespace, name: UUID(_cs_uuid_of("sha1", namespace.hex, name)),
    NAMESPACE_DNS=UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
    NAMESPACE_URL=UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8"),
    NAMESPACE_OID=UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8"),
)


class _cs_Response:
    def __init__(self, parts):
        self.status_code = parts[0]
        self.url = parts[1]
        self.headers = parts[2]
        self.text = parts[3]
        self.content = self.text.encode()
        self.ok = self.status_code < 400

    def json(self):
        import json
        return json.loads(self.text)

    def raise_for_status(self):
        if not self.ok:
            raise OSError(f"{self.status_code} Error for url: {self.url}")


def _cs_request(method, url, params=None, data=None, json=None, headers=None, auth=None, timeout=None,
                allow_redirects=True, verify=True):
    import base64
    import json as encoder
    if not verify:
        raise ValueError("certificates are always verified")
    if params:
        encoded = params if isinstance(params, str) else _cs_urlencode(params, True)
        url = url + ("&" if "?" in url else "?") + encoded
    sent = {}
    if json is not None:
        sent["Content-Type"] = "application/json"
        data = encoder.dumps(json)
    elif isinstance(data, (dict, list, tuple)):
        sent["Content-Type"] = "application/x-www-form-urlencoded"
        data = _cs_urlencode(data, True)
    elif isinstance(data, bytes):
        data = data.decode()
    if auth is not None:
        sent["Authorization"] = "Basic " + base64.b64encode(f"{auth[0]}:{auth[1]}".encode()).decode()
    for name in headers or {}:
        sent[name] = str(headers[name])
    if isinstance(timeout, (tuple, list)):
        timeout = timeout[1]
    return _cs_Response(_cs_http(method, url, sent, data or "", allow_redirects, timeout))


_cs_requests_exceptions = _cs_Names(
    RequestException=OSError, HTTPError=OSError, ConnectionError=OSError, Timeout=OSError,
)


_cs_requests = _cs_Names(
    request=_cs_request,
    get=lambda url, **kwargs: _cs_request("GET", url, **kwargs),
    head=lambda url, **kwargs: _cs_request("HEAD", url, **kwargs),
    post=lambda url, data=None, **kwargs: _cs_request("POST", url, data=data, **kwargs),
    put=lambda url, data=None, **kwargs: _cs_request("PUT", url, data=data, **kwargs),
    patch=lambda url, data=None, **kwargs: _cs_request("PATCH", url, data=data, **kwargs),
    delete=lambda url, **kwargs: _cs_request("DELETE", url, **kwargs),
    options=lambda url, **kwargs: _cs_request("OPTIONS", url, **kwargs),
    Session=lambda: _cs_requests,
    exceptions=_cs_requests_exceptions,
    RequestException=OSError,
    HTTPError=OSError,
    ConnectionError=OSError,
    Timeout=OSError,
)


def _cs_escape(text):
    text = str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("'", "&#x27;")


_cs_django_utils_html = _cs_Names(escape=_cs_escape)


_cs_django_utils_text = _cs_Names(slugify=lambda value: slugify(value))


_cs_django_utils_translation = _cs_Names(gettext=lambda text: text, gettext_lazy=lambda text: text)


def _cs_now():
    import datetime
    return datetime.datetime.now(datetime.timezone.utc)


_cs_django_utils_timezone = _cs_Names(now=_cs_now)


_cs_user_types = _cs_Names(
    INTERNAL="internal",
    EXTERNAL="external",
    SERVICE_ACCOUNT="service_account",
    INTERNAL_SERVICE_ACCOUNT="internal_service_account",
)


_cs_core_models = _cs_Names(
    User=_cs_model("User"),
    Group=_cs_model("Group"),
    UserTypes=_cs_user_types,
    USER_ATTRIBUTE_CHANGE_EMAIL="goauthentik.io/user/can-change-email",
    USER_ATTRIBUTE_CHANGE_NAME="goauthentik.io/user/can-change-name",
    USER_ATTRIBUTE_CHANGE_USERNAME="goauthentik.io/user/can-change-username",
    USER_PATH_SERVICE_ACCOUNT="goauthentik.io/service-accounts",
)


_cs_flow_authentication = _cs_Names(
    NONE="none",
    REQUIRE_AUTHENTICATED="require_authenticated",
    REQUIRE_UNAUTHENTICATED="require_unauthenticated",
    REQUIRE_SUPERUSER="require_superuser",
    REQUIRE_REDIRECT="require_redirect",
    REQUIRE_OUTPOST="require_outpost",
    REQUIRE_TOKEN="require_token",
)


_cs_flow_designation = _cs_Names(
    AUTHENTICATION="authentication",
    AUTHORIZATION="authorization",
    INVALIDATION="invalidation",
    ENROLLMENT="enrollment",
    UNENROLLMENT="unenrollment",
    RECOVERY="recovery",
    STAGE_CONFIGURATION="stage_configuration",
)


_cs_flows_models = _cs_Names(
    Flow=_cs_model("Flow"),
    FlowAuthenticationRequirement=_cs_flow_authentication,
    FlowDesignation=_cs_flow_designation,
)


_cs_flows_planner = _cs_Names(
    PLAN_CONTEXT_PENDING_USER="pending_user",
    PLAN_CONTEXT_SSO="is_sso",
    PLAN_CONTEXT_REDIRECT="redirect",
    PLAN_CONTEXT_APPLICATION="application",
    PLAN_CONTEXT_SOURCE="source",
    PLAN_CONTEXT_IS_RESTORED="is_restored",
)


_cs_prompt_stage = _cs_Names(PLAN_CONTEXT_PROMPT="prompt_data")


_cs_password_profile = _cs_Names(PasswordProfile=lambda **kwargs: kwargs)


def _cs_mod(left, right):
    return _cs_percent(left, right) if isinstance(left, str) else left % right


def _cs_shaped(value, shape):
    return ("{:" + shape + "}").format(value)


def _cs_percent(template, values):
    is_dict = isinstance(values, dict)
    rest = list(values) if isinstance(values, tuple) else [values]
    said = []
    at = 0
    while True:
        found = template.find("%", at)
        if found < 0:
            break
        said.append(template[at:found])
        at = found + 1
        named = None
        if template[at:at + 1] == "(":
            end = template.find(")", at)
            if end < 0 or not is_dict:
                raise ValueError("incomplete format key")
            named = template[at + 1:end]
            at = end + 1
        flags = at
        while template[at:at + 1] in ("-", "0", "+", " ", "#"):
            at = at + 1
        flags = template[flags:at]
        size = at
        while template[at:at + 1].isdigit() or template[at:at + 1] == ".":
            at = at + 1
        size = template[size:at]
        kind = template[at:at + 1]
        at = at + 1
        if kind == "%":
            said.append("%")
            continue
        if named is not None:
            value = values[named]
        elif rest:
            value = rest.pop(0)
        else:
            raise TypeError("not enough arguments for format string")
        if kind in ("s", "r"):
            value = str(value) if kind == "s" else repr(value)
            align = "<" if "-" in flags else ">"
            said.append(_cs_shaped(value, align + size) if size else value)
        elif kind in ("d", "i", "x", "X", "o"):
            kind = "d" if kind == "i" else kind
            align = "<" if "-" in flags else ""
            size = "0" + size if "0" in flags and "-" not in flags else size
            said.append(_cs_shaped(int(value), align + ("+" if "+" in flags else "") + size + kind))
        elif kind in ("f", "e", "g"):
            said.append(_cs_shaped(float(value), size + kind))
        else:
            raise ValueError(f"unsupported format character '{kind}'")
    if rest and not is_dict:
        raise TypeError("not all arguments converted during string formatting")
    said.append(template[at:])
    return "".join(said)
