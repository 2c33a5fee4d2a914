"""A server on this machine that speaks as much of the Hugging Face hub as its client needs."""

import base64
import contextlib
import hashlib
import http.server
import json
import re
import threading

COMMIT = "0" * 40


class Handler(http.server.BaseHTTPRequestHandler):
    """One model repository, whose files are in `self.server.files`."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = self.path.split("?")[0]
        if "/tree/" in path:
            self._json([
                {"type": "file", "path": name, "size": len(content), "oid": COMMIT}
                for name, content in self.server.files.items()
            ])  # fmt: skip
            return
        if "/api/models/" in path:
            files = [{"rfilename": name} for name in self.server.files]
            self._json({"id": "user/mine", "sha": COMMIT, "siblings": files, "private": False})
            return
        name = path.rsplit("/", 1)[-1]
        if name not in self.server.files:
            self._answer(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        content = self.server.files[name]
        headers = {
            "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
            "X-Repo-Commit": COMMIT,
            "Accept-Ranges": "bytes",
        }
        if self.command == "GET" and name in self.server.broken:
            # Half of it, and then the end of the connection.
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
            return
        self._answer(200, content, headers)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "/preupload/" in self.path:
            asked = json.loads(body)["files"]
            self._json({"files": [
                {"path": file["path"], "uploadMode": "regular", "shouldIgnore": False}
                for file in asked
            ]})  # fmt: skip
        elif "/commit/" in self.path:
            for line in body.decode().splitlines():
                entry = json.loads(line)
                if entry["key"] == "file":
                    content = base64.b64decode(entry["value"]["content"])
                    self.server.files[entry["value"]["path"]] = content
            url = f"{self.server.address}/user/mine/commit/{COMMIT}"
            self._json({"success": True, "commitOid": COMMIT, "commitUrl": url})
        elif re.search("/repos/create", self.path):
            self._json({"url": f"{self.server.address}/user/mine", "name": "user/mine"})
        else:
            self._json({})

    def _json(self, content):
        self._answer(200, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _answer(self, status, content, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def serving(files=()):
    """The server, with `files`, `broken` names of files, and its `address`."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.files, server.broken = dict(files), set()
        server.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
