"""A page to try the trained classifiers: python -m sourcewise app --port 8000, or make app. Ctrl-C ends it.

Drop, choose or record a sound: the page shows its mel spectrogram, the prediction of each classifier in models/, and,
of classifiers of segments, the predictions over time: the same as those of `python -m sourcewise predict`. The page is
served to this machine alone, accepts sounds of up to 64 MiB, stores none, and answers no other site.
"""

import logging
import signal
import socket
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, JSONResponse, StreamingResponse
from starlette.routing import Route

from sourcewise.audio.decode import Unreadable
from sourcewise.core import messages, params
from sourcewise.core.errors import Stop, count
from sourcewise.core.formats import SUFFIXES
from sourcewise.core.params import AudioParams
from sourcewise.core.paths import CLASSIFIERS
from sourcewise.features.png import Params as ImageParams
from sourcewise.inference.answers import answer, classifiers, spectrogram

HOST = "127.0.0.1"  # and no other: whoever reaches the page can use this machine's memory and processor
LIMIT = 64 * 2**20  # bytes of a sound: six minutes of stereo as on a CD, an hour of MP3
TOO_LARGE = f"is larger than {LIMIT >> 20} MiB, the most that is accepted: use `python -m sourcewise predict` for it"
ENDING_S = 1  # for pending answers when the server ends
PAGES = Path(__file__).parent
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; media-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def main(port):
    """Serve on a port, 0 for any that is free, until Ctrl-C."""
    names = classifiers()
    if not names:
        raise Stop(f"no classifier in {CLASSIFIERS}: `dvc repro` trains them, or `dvc pull` fetches them")
    app = application(params.load(AudioParams, "audio").sr, params.load(ImageParams, "features.png"))
    config = uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=ENDING_S)
    with _listening(port) as listener:
        messages.info(f"{count(len(names), 'classifier')} at http://{HOST}:{listener.getsockname()[1]}/ until Ctrl-C")
        signal.signal(signal.SIGINT, signal.default_int_handler)  # that of the other scripts deletes no temporary files
        try:
            Server(config).run(sockets=[listener])
        except KeyboardInterrupt:
            print("\napp: ended")


class Server(uvicorn.Server):
    """A server that logs no error when Ctrl-C cuts off an answer."""

    async def shutdown(self, sockets=None):  # noqa: D102
        logging.getLogger("uvicorn.error").disabled = True
        await super().shutdown(sockets)


def _listening(port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "must be from 0 to 65535"
        raise Stop(f"port {port} is not available ({reason}): choose another one with --port") from None
    return listener


def application(sr, p):
    """The server, an ASGI application. sr: of the sound in spectrograms, in Hz; p: the section features.png."""
    one_at_a_time = CapacityLimiter(1)  # a network may need all the memory, and one request all the processor
    ask = partial(_ask, partial(spectrogram, sr=sr, p=p), partial(to_thread.run_sync, limiter=one_at_a_time))
    files = {"/": "app.html", "/app.css": "app.css", "/app.js": "app.js"}
    routes = [Route(url, partial(_file, name)) for url, name in files.items()]
    routes += [Route("/about", _about), Route("/ask", ask, methods=["POST"])]
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"], www_redirect=False)
    return Starlette(routes=routes, middleware=[Middleware(Guard), hosts], exception_handlers={HTTPException: _refused})


class Guard:
    """Around an ASGI application: refuses requests from pages of another origin, and restricts by headers what our own
    page may do. Together with the check of the host name, no other site can use the server."""

    def __init__(self, app):
        self._app = app

    async def __call__(self, scope, receive, send):  # noqa: D102
        async def send_with_headers(message):
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        headers = Headers(scope=scope) if scope["type"] == "http" else {}
        app, own = self._app, f"http://{headers.get('host')}"
        if headers.get("origin", own) != own:
            app = JSONResponse({"error": "requested by a page of another origin"}, 403)
        await app(scope, receive, send_with_headers)


async def _file(name, request):
    return FileResponse(PAGES / name)


async def _about(request):
    return JSONResponse({"classifiers": classifiers(), "limit": LIMIT, "too_large": TOO_LARGE})


async def _refused(request, error):
    return JSONResponse({"error": error.detail}, error.status_code)


async def _ask(draw, in_turn, request):
    """Answers to the sound in the body, whose file name is the query's `name`, as lines of JSON: its spectrogram, then
    each classifier's prediction as it comes; 422 if it is no sound. Until then it is stored in a folder of its own."""
    name = request.query_params.get("name", "sound")
    with ExitStack() as until_sent:
        folder = until_sent.enter_context(TemporaryDirectory(prefix="sourcewise-"))
        suffix = Path(name).suffix.lower()  # chooses the decoder; nothing else of the name is used
        path = Path(folder) / f"sound{suffix if suffix in SUFFIXES else ''}"
        await _store(request, path, name)
        try:
            first = await in_turn(draw, path)
        except Unreadable as reason:
            raise HTTPException(422, f"{name} {reason}") from None
        lines = _lines(first, path, name, in_turn, until_sent.pop_all())
        return StreamingResponse(lines, media_type="application/x-ndjson")


async def _store(request, path, name):
    stored = 0
    try:
        with open(path, "wb") as file:
            async for chunk in request.stream():
                stored += len(chunk)
                if stored > LIMIT:
                    raise HTTPException(413, f"{name} {TOO_LARGE}")
                file.write(chunk)
    except ClientDisconnect:
        raise HTTPException(400, f"{name} was not uploaded completely") from None
    except OSError as error:
        raise HTTPException(507, f"{name} cannot be stored: {error.strerror}") from None


async def _lines(first, path, name, in_turn, until_sent):
    with until_sent:
        yield first
        for classifier in classifiers():
            yield await in_turn(answer, classifier, path, name)


def arguments(parser):
    """Add the arguments of the command line."""
    parser.add_argument("--port", type=int, default=8000, help="port of 127.0.0.1, default 8000; 0: any free one")
