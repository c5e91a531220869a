"""A token service as FastAPI applications write them, with Redis behind it.

FORM is what it speaks: "json" (a refresh token that stays, and a list of the revoked ones), "romm" (refresh tokens that
work once, by get-and-delete of their ids), or "romm-500" (the same, and an expired bearer breaks every route). LIFE is how
many seconds an access token lives, REDIS the socket of the Redis.
"""

import math
import os
import time
import uuid

import jwt
import redis.asyncio as redis
from fastapi import FastAPI, HTTPException, Request
from fastapi.middleware.cors import CORSMiddleware

FORM = os.environ["FORM"]
LIFE = float(os.environ["LIFE"])
WEEK = 604_800
KEY = uuid.uuid4().hex

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
store = redis.Redis(unix_socket_path=os.environ["REDIS"], decode_responses=True)


def sign(kind: str, life: float) -> tuple[str, str]:
    now, jti = time.time(), uuid.uuid4().hex
    claims = {"iss": "token-service", "sub": "ada", "type": kind, "jti": jti, "born": now, "iat": int(now)}
    # Whole seconds: rounded up, it lives as long as the answer says, and up to one longer.
    claims["exp"] = math.ceil(now + life)
    return jwt.encode(claims, KEY, algorithm="HS256"), jti


def read(token: str, kind: str) -> dict:
    claims = jwt.decode(token, KEY, algorithms=["HS256"])
    if claims["type"] != kind:
        raise jwt.InvalidTokenError(kind)
    return claims


async def note_refusal(token: str) -> None:
    """The age of every token that is refused."""
    try:
        born = jwt.decode(token, options={"verify_signature": False})["born"]
    except (jwt.InvalidTokenError, KeyError):
        born = 0
    await store.rpush("refused", time.time() - born)


async def bearer_of(request: Request) -> dict | None:
    """The claims of the bearer token, where there is one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        claims = read(token, "access")
    except jwt.InvalidTokenError as error:
        await note_refusal(token)
        if FORM == "romm-500":
            raise  # Nobody catches it: a bare 500, which the CORS middleware never sees.
        detail = "Token expired" if isinstance(error, jwt.ExpiredSignatureError) else "Could not validate credentials"
        raise HTTPException(401, detail, {"WWW-Authenticate": "Bearer"}) from error
    if await store.sismember("revoked", claims["sub"]):
        await note_refusal(token)
        raise HTTPException(401, "Token revoked", {"WWW-Authenticate": "Bearer"})
    return claims


async def pair() -> dict:
    access, _ = sign("access", LIFE)
    refresh, jti = sign("refresh", WEEK)
    if FORM == "json":
        return {"access_token": access, "refresh_token": refresh, "expires_in": LIFE}
    await store.set(f"refresh:{jti}", "ada", ex=WEEK)
    lives = {"expires": LIFE, "refresh_expires": WEEK}
    return {"access_token": access, "refresh_token": refresh, "token_type": "bearer", **lives}


@app.post("/login")
async def login() -> dict:
    await store.delete("revoked")
    return await pair()


@app.post("/token/refresh")
async def refresh_json(request: Request) -> dict:
    try:
        claims = read((await request.json())["refresh_token"], "refresh")
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, "Invalid refresh token") from error
    if await store.sismember("revoked", claims["sub"]):
        raise HTTPException(401, "Token revoked")
    return {"access_token": sign("access", LIFE)[0], "expires_in": LIFE}


@app.post("/api/token")
async def refresh_form(request: Request) -> dict:
    form = await request.form()
    token = form.get("refresh_token")
    if form.get("grant_type") != "refresh_token" or token is None:
        raise HTTPException(400, "Missing refresh token")
    try:
        jti = read(str(token), "refresh")["jti"]
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, "Could not validate credentials") from error
    if await store.getdel(f"refresh:{jti}") is None:
        raise HTTPException(401, "Could not validate credentials")
    return await pair()


@app.post("/revoke")
async def revoke() -> dict:
    """What an administrator does."""
    await store.sadd("revoked", "ada")
    return {}


@app.get("/refused")
async def refused() -> list[float]:
    return [float(age) for age in await store.lrange("refused", 0, -1)]


@app.get("/api/public/platforms")
async def platforms(request: Request) -> dict:
    await bearer_of(request)
    return {"ok": True}


@app.get("/api/orders")
async def orders(request: Request) -> dict:
    if await bearer_of(request) is None:
        raise HTTPException(401 if FORM == "json" else 403, "Not authenticated")
    return {"ok": True}
