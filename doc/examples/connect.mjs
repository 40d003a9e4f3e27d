#!/usr/bin/env node
// The same connect endpoint in Node: POST /connect/MERCHANT with the key as the body.
import http from 'node:http';

const socketPath = process.env.KEYVIGIL_SOCKET ?? '/run/keyvigil/control.sock';

function keyvigil(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'text/plain', 'Content-Length': Buffer.byteLength(body) };
    const request = http.request({ socketPath, method, path, headers }, async (answer) => {
      let text = '';
      for await (const piece of answer) text += piece;
      resolve({ status: answer.statusCode, found: JSON.parse(text) });
    });
    request.on('error', reject);
    request.end(body);
  });
}

http.createServer(async (request, response) => {
  const merchant = request.url.split('/').pop();
  let secret = '';
  for await (const piece of request) secret += piece;
  try {
    const { status, found } = await keyvigil('PUT', `/v1/keys/${merchant}?profile=selgeo&deadline=10s`, secret);
    const missing = found.missing_labels ?? [];
    response.writeHead(status).end(JSON.stringify({
      connected: status < 300, code: found.result ?? found.code, text: found.detail, missing, mend: found.remedy_url }));
  } catch {
    response.writeHead(503).end(JSON.stringify({ connected: false, code: 'unreachable' }));
  }
}).listen(Number(process.argv[2]), '127.0.0.1');
