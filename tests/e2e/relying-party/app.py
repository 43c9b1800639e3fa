"""A relying party of our own: FastAPI with Authlib, for machines that have no other at hand."""

import os

from authlib.integrations.starlette_client import OAuth
from fastapi import FastAPI, HTTPException, Request
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import HTMLResponse, RedirectResponse

app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key=os.environ["SESSION_SECRET"])

issuer = os.environ["AUTHENTIK_ISSUER"].rstrip("/")
clients = OAuth()
clients.register(
    name="countersign",
    client_id=os.environ["OIDC_CLIENT_ID"],
    client_secret=os.environ["OIDC_CLIENT_SECRET"],
    server_metadata_url=f"{issuer}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email"},
)


@app.get("/", response_class=HTMLResponse)
async def home(request: Request) -> str:
    who = request.session.get("who")
    if who is None:
        return '<h1>Nobody is signed in</h1><p><a href="/login">Login</a></p>'
    return f'<h1>Hello, {who["name"]}</h1><p><a href="/api/hello">Greeting</a> <a href="/logout">Logout</a></p>'


@app.get("/login")
async def login(request: Request):
    return await clients.countersign.authorize_redirect(request, request.url_for("callback"))


@app.get("/auth/callback")
async def callback(request: Request):
    token = await clients.countersign.authorize_access_token(request)
    request.session["who"] = dict(await clients.countersign.userinfo(token=token))
    return RedirectResponse("/")


@app.get("/logout")
async def logout(request: Request):
    request.session.clear()
    return RedirectResponse("/")


@app.get("/api/hello")
async def hello(request: Request) -> dict[str, str]:
    who = request.session.get("who")
    if who is None:
        raise HTTPException(status_code=401, detail="Nobody is signed in")
    return {"message": f'Hello, {who["preferred_username"]}!'}
