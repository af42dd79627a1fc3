"""The WSGI application: pages, API and hooks under one set of guards."""

from flask import Flask, Response
from flask_wtf.csrf import CSRFProtect
from whitenoise import WhiteNoise

from app import api, web
from app.bootstrap import ROOT, Assembly

MAX_REQUEST = 25 * 1024 * 1024
MAX_FORM_PARTS = 2_000
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; manifest-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def make_app(assembly: Assembly) -> Flask:
    """Build the Flask application for a wired service."""
    settings = assembly.settings
    app = Flask("app", static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MAX_REQUEST,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.secure,
    )
    app.extensions["lien_mach"] = assembly.service
    csrf = CSRFProtect(app)
    web.register(app)
    api.register(app, exempt=csrf.exempt)

    @app.after_request
    def headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response

    dist = ROOT / "app" / "static" / "dist"
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(dist) if dist.is_dir() else None,
        prefix="/static/",
        immutable_file_test=lambda _path, _url: True,
        allow_all_origins=False,
    )
    return app
