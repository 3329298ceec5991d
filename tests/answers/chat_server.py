"""A server on the loopback that speaks OpenAI's chat and batch interfaces, counts its bill, and misbehaves on demand.

What it answers is a function of the question alone: each number that was shown gets a class by a hash.
"""

import hashlib
import json
import re
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cubiseg import taxonomy

INPUT, OUTPUT = 1000, 100
"""Tokens that an answer is billed with, unless ``tokens`` says otherwise."""

Behaviour = str | Callable[["Handler", dict[str, Any]], None]


def answer_to(body: dict[str, Any]) -> str:
    """Names for all numbers that the pictures' titles mention."""
    parts = body["messages"][0]["content"]
    if is_greeting(body):
        return '{"ready":true}'
    text = " ".join(p["text"] for p in parts if p["type"] == "text")
    pictures = [p["image_url"]["url"] for p in parts if p["type"] == "image_url"]
    mark = hashlib.sha256("".join(pictures).encode()).digest()
    shown = max(int(n) for n in re.findall(r"regions \d+ to (\d+):", text))
    lists: dict[str, list[int]] = {name: [] for name in (*taxonomy.NAMES, "unsure")}
    for number in range(1, shown + 1):
        lists[taxonomy.NAMES[(mark[number % 32] + number) % taxonomy.NUM_CLASSES]].append(number)
    return json.dumps(lists)


def is_greeting(body: dict[str, Any]) -> bool:
    """Whether it is the small question without pictures that comes before all others."""
    return not any(p["type"] == "image_url" for p in body["messages"][0]["content"])


def completion(body: dict[str, Any], text: str | None = None, **message: Any) -> dict[str, Any]:
    """The body of a completion."""
    finish = message.pop("finish", "stop")
    given, made = message.pop("tokens", (INPUT, OUTPUT))
    content = answer_to(body) if text is None else text
    return {
        "id": uuid.uuid4().hex,
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "choices": [
            {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content, **message}}
        ],
        "usage": {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made},
    }


class ChatServer(ThreadingHTTPServer):
    """See the module.

    Attributes:
        behave: what happens to the next requests, one each; afterwards all is well.
        always: what happens to each request instead.
        delay: seconds that an answer takes.
        tokens: of a question and its answer.
        billed: number of requests that a real server would charge for.
        bodies: of all questions.
        most: largest number of questions at once.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behave: list[Behaviour] = []
        self.always: Behaviour | None = None
        self.delay = 0.0
        self.tokens = INPUT, OUTPUT
        self.billed = 0
        self.bodies: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.headers: list[dict[str, str]] = []
        self.most = self.now = 0
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.finish_batch: Callable[[dict[str, Any], list[dict[str, Any]]], None] | None = None
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no news."""

    def run_batch(self, batch: dict[str, Any]) -> None:
        """Work off a batch; ``finish_batch`` may spoil it."""
        lines = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
        results = []
        for line in lines:
            self.billed += 1
            response = {"status_code": 200, "request_id": "r", "body": completion(line["body"], tokens=self.tokens)}
            results.append({"id": "x", "custom_id": line["custom_id"], "response": response, "error": None})
        batch |= {"status": "completed", "request_counts": {"total": len(lines), "completed": len(lines), "failed": 0}}
        if self.finish_batch is not None:
            self.finish_batch(batch, results)
        good = [r for r in results if r["error"] is None]
        bad = [r for r in results if r["error"] is not None]
        for key, rows in (("output_file_id", good), ("error_file_id", bad)):
            if rows:
                name = f"file-{uuid.uuid4().hex}"
                self.files[name] = b"".join(json.dumps(r).encode() + b"\n" for r in rows[::-1])
                batch[key] = name


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ChatServer

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def reply(self, code: int, content: bytes | dict[str, Any], **headers: str) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/files":
            head = b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n"
            parts = {
                p.get_param("name", header="content-disposition"): p.get_payload(decode=True)
                for p in BytesParser().parsebytes(head + content).walk()
                if not p.is_multipart()
            }
            name = f"file-{uuid.uuid4().hex}"
            self.server.files[name] = parts["file"]
            facts = {"id": name, "object": "file", "bytes": 1, "created_at": 1, "filename": "x", "status": "processed"}
            self.reply(200, {**facts, "purpose": "batch"})
        elif self.path == "/v1/batches":
            name = f"batch-{uuid.uuid4().hex}"
            batch = {"id": name, "object": "batch", "created_at": 1, "status": "in_progress", **json.loads(content)}
            self.server.batches[name] = batch
            self.reply(200, batch)
        else:
            self._chat(json.loads(content))

    def do_GET(self) -> None:
        if self.path.startswith("/v1/files/"):
            self.reply(200, self.server.files[self.path.split("/")[3]])
        elif self.path.startswith("/v1/batches?") or self.path == "/v1/batches":
            self.reply(200, {"object": "list", "data": list(self.server.batches.values()), "has_more": False})
        else:
            batch = self.server.batches[self.path.split("/")[3]]
            with self.server.lock:
                if batch["status"] == "in_progress":
                    self.server.run_batch(batch)
            self.reply(200, batch)

    def _chat(self, body: dict[str, Any]) -> None:
        server = self.server
        with server.lock:
            server.bodies.append(body)
            server.times.append(time.monotonic())
            server.headers.append({k.lower(): v for k, v in self.headers.items()})
            behaviour = server.behave.pop(0) if server.behave else server.always
            server.now += 1
            server.most = max(server.most, server.now)
        try:
            if callable(behaviour):
                behaviour(self, body)
            elif behaviour is not None:
                getattr(self, f"_{behaviour}")(body)
            else:
                self.good(body)
        finally:
            with server.lock:
                server.now -= 1

    def good(self, body: dict[str, Any], text: str | None = None, **message: Any) -> None:
        time.sleep(self.server.delay)
        with self.server.lock:
            self.server.billed += 1
        self.reply(200, completion(body, text, tokens=self.server.tokens, **message))

    def _hang(self, body: dict[str, Any]) -> None:
        with self.server.lock:
            self.server.billed += 1
        time.sleep(30)

    def _dribble(self, body: dict[str, Any]) -> None:
        """White space for ever."""
        with self.server.lock:
            self.server.billed += 1
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        for _ in range(600):
            self.wfile.write(b" ")
            time.sleep(0.05)

    def _flood(self, body: dict[str, Any]) -> None:
        with self.server.lock:
            self.server.billed += 1
        self.send_response(200)
        self.end_headers()
        for _ in range(64):
            self.wfile.write(b" " * 2**20)

    def _reset(self, body: dict[str, Any]) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.connection.close()
        self.close_connection = True

    def _half(self, body: dict[str, Any]) -> None:
        with self.server.lock:
            self.server.billed += 1
        data = json.dumps(completion(body)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2])
        self.close_connection = True

    def _html(self, body: dict[str, Any]) -> None:
        self.reply(500, b"<html><body><h1>Internal Server Error</h1></body></html>")

    def _page(self, body: dict[str, Any]) -> None:
        """A portal's page in place of an answer."""
        self.reply(200, b"<html>Please log in</html>")

    def _busy(self, body: dict[str, Any]) -> None:
        self.reply(429, {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}, Retry_After="300")

    def _quota(self, body: dict[str, Any]) -> None:
        self.reply(429, {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}})

    def _no_key(self, body: dict[str, Any]) -> None:
        said = f"Incorrect API key provided: {self.headers['Authorization'].split()[1]}"
        self.reply(401, {"error": {"message": said}})

    def _policy(self, body: dict[str, Any]) -> None:
        self.reply(400, {"error": {"message": "rejected by the safety system", "code": "content_policy_violation"}})


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    """A running server."""
    server = ChatServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":  # for tests whose client is killed: prints its address, then its bill on request
    import sys

    with chat_server() as serving:
        serving.delay = float(sys.argv[1])
        print(serving.url, flush=True)
        for _ in sys.stdin:
            print(serving.billed, flush=True)
