"use strict";
// Another app behind a sidecar of its own: it knows no SDK, only HTTP.

const http = require("node:http");

function startPeer(port) {
  const server = http.createServer((request, response) => {
    const body = [];
    request.on("data", (part) => body.push(part));
    request.on("end", () => {
      if (request.url.startsWith("/dapr/")) return response.writeHead(404).end();
      if (request.url === "/refuse") return response.writeHead(418, { "content-type": "application/json" }).end(`{"why":"a teapot"}`);
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ method: request.method, url: request.url, body: Buffer.concat(body).toString(), caller: request.headers["dapr-caller-app-id"], own: request.headers["x-own"] }));
    });
  });
  return new Promise((done) => server.listen(port, "127.0.0.1", () => done(server)));
}

module.exports = { startPeer };
