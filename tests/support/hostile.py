#!/usr/bin/env python3
"""A provider that means harm, over plain HTTP on a port of loopback. Each key is answered in a way of its own.

hostile.py                        prints the names of the ways, one a line
hostile.py PORT-FILE KEYS LOG     serves; KEYS has lines "KEY WAY", a key that is not there is answered well (it may do all);
                                  LOG gets the way's name for each request, and "page" behind it for a list of coupons
"""
import base64, json, socket, struct, sys, threading, time, zlib

END = b'\r\n'


def error(message, code=None):
    return json.dumps({'error': {'type': 'invalid_request_error', 'message': message, **({'code': code} if code else {})}})


def answer(status, body, *headers):
    body = body.encode('utf-8', 'surrogateescape') if isinstance(body, str) else body
    lines = [b'HTTP/1.1 %d X' % status, b'Content-Type: application/json', b'Content-Length: %d' % len(body)]
    return END.join(lines + [h.encode('latin1') for h in headers]) + END + END + body


def well(path):
    if 'absent' not in path and 'limit=' in path:
        return answer(200, json.dumps({'object': 'list', 'data': [], 'has_more': False, 'url': '/v1/x'}))
    return answer(404, error('No such thing', 'resource_missing'))


def refused(account, label='Coupons', row='coupon', more=''):
    return error("The provided key 'rk_live_***' does not have the required permissions for this endpoint on account '%s'. "
                 "Enabling %s ('rak_%s_write') permission would allow this request to continue.%s" % (account, label, row, more),
                 'more_permissions_required')


INVALID = error('Invalid API Key provided: rk_live_***')
WAYS = {}  # name: bytes, or a function of (key, path) that gives bytes, or a function of the connection that sends by itself


def shapes():
    """Bodies that are no error of the provider's."""
    nest = {'deep': '[' * 1000000, 'deep-objects': '{"error":' * 3000 + '1' + '}' * 3000, 'array': '[' + INVALID + ']',
            'nothing': '', 'number': '401', 'text': '"error"', 'null': 'null', 'error-text': '{"error":"Invalid API Key provided"}',
            'error-null': '{"error":null}', 'message-object': '{"error":{"message":{"a":"Invalid API Key provided"}}}',
            'code-number': '{"error":{"code":7,"message":7,"type":[]}}', 'cut': INVALID[:-3], 'two': INVALID + INVALID,
            'html': '<html>Invalid API Key provided</html>', 'nul': '{"error":{"message":"a\\u0000b\\u0000"}}',
            'raw-nul': '{"error":{"message":"a\0b"}}', 'bom': '\ufeff' + INVALID, 'not-utf8': '{"error":{"message":"\udcff\udcfe"}}',
            'surrogates': '{"error":{"message":"\\ud800\\udfff\\udc00"}}', 'huge-number': '{"error":{"message":1e999999,"code":' + '9' * 5000 + '}}',
            'same-member': '{' + ','.join('"error":{"message":"%d"}' % i for i in range(5000)) + '}',
            'ten-mebibytes': '{"error":{"message":"Invalid","x":"' + 'a' * (10 << 20) + '"}}',
            'tiny-objects': '{"object":"list","data":[' + '{},' * ((4 << 20) // 3 - 20) + '{}]}',
            'tiny-members': '{"object":"list","data":[' + '{"":{}},' * ((4 << 20) // 8 - 20) + '{}]}'}
    for name, body in nest.items():
        WAYS[name] = answer(200 if name.startswith('tiny') else 401, body)
    for name in 'tiny-objects', 'tiny-members':
        page = WAYS[name]
        WAYS['pages-of-' + name] = lambda key, path, page=page: page if path.startswith('/v1/coupons?') else well(path)
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    WAYS['squeezed'] = answer(200, squeeze.compress(b' ' * (100 << 20)) + squeeze.flush(), 'Content-Encoding: gzip')
    WAYS['steers'] = answer(400, error('\x1b]0;owned\x07\x1b[2J\x1b[31mred\nline\r\u202e\u0085\u009b31m\u200b\u061c\u2066 end', 'a\x1b[2Jb'),
                            'Request-Id: req_\x1b[2Jx\x9b31m')
    WAYS['steers-label'] = answer(403, refused('acct_1', '\x1b[2J\nEVIL=1\u202eLabel'))


def heads():
    """What comes before the body."""
    dead = INVALID.encode()
    raw = {'no-http': b'hello\r\n\r\n', 'status-none': b'HTTP/1.1\r\n\r\n', 'status-999': b'HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n',
           'status-minus': b'HTTP/1.1 -401 X\r\n\r\n', 'version-9': b'HTTP/9.9 401 X\r\n\r\n' + dead,
           'length-minus': b'HTTP/1.1 401 X\r\nContent-Length: -1\r\n\r\n' + dead,
           'length-huge': b'HTTP/1.1 401 X\r\nContent-Length: 99999999999999999999\r\n\r\n' + error('odd').encode(),
           'length-twice': b'HTTP/1.1 401 X\r\nContent-Length: 2\r\nContent-Length: 90\r\n\r\n' + dead,
           'chunk-nonsense': b'HTTP/1.1 401 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n' + dead,
           'chunk-huge': b'HTTP/1.1 401 X\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n' + dead,
           'chunk-cut': b'HTTP/1.1 401 X\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n' % len(dead) + dead,
           'switch': b'HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n', 'no-content': b'HTTP/1.1 204 X\r\n\r\n' + dead,
           'not-modified': b'HTTP/1.1 304 X\r\n\r\n' + dead, 'names': b'HTTP/1.1 401 X\r\n: a\r\nb\r\n\tfolded\r\n\xff: \xfe\r\n\r\n' + error('odd').encode()}
    for name, text in raw.items():
        WAYS[name] = (lambda text: lambda c, key, path: (c.sendall(text), False)[1])(text)
    for name, value in {'huge': '9' * 400, 'minus': '-5', 'date': 'Thu, 01 Jan 9999 00:00:00 GMT', 'words': 'soon'}.items():
        WAYS['retry-' + name] = answer(429, error('slow', 'rate_limit'), 'Retry-After: ' + value)
    for name, value in {'huge': 'Fri, 31 Dec 99999 23:59:60 GMT', 'zero': 'Thu, 01 Jan 1970 00:00:00 GMT', 'words': '\xff\x01'}.items():
        WAYS['date-' + name] = lambda key, path, value=value: well(path).replace(END, b'\r\nDate: ' + value.encode('latin1') + END, 1)
    WAYS['elsewhere'] = lambda key, path: answer(302, '', 'Location: http://127.0.0.1:1/' + key)


def echoes():
    """The key itself, in many clothes."""
    def body(key):
        return key.split('_', 2)[2]
    for name, wear in {
            'plain': lambda k: k, 'pieces': lambda k: body(k)[:19] + ' and ' + body(k)[5:24], 'reversed': lambda k: k[::-1],
            'percent': lambda k: ''.join('%%%02x' % ord(c) for c in k), 'base64': lambda k: base64.b64encode(k.encode()).decode(),
            'bearer': lambda k: 'Bearer ' + k, 'url': lambda k: 'https://x.example/?key=' + k.replace('_', '%5F')}.items():
        WAYS['echo-' + name] = lambda key, path, wear=wear: answer(400, error('No such token: ' + wear(key), 'parameter_unknown'))
    WAYS['echo-escaped'] = lambda key, path: answer(400, '{"error":{"message":"' + ''.join('\\u%04x' % ord(c) for c in key) + '"}}')
    WAYS['echo-code'] = lambda key, path: answer(400, error('x', body(key).lower()))
    WAYS['echo-member'] = lambda key, path: answer(400, json.dumps({'error': {'message': 'x', body(key): body(key), 'param': key}}))
    WAYS['echo-account'] = lambda key, path: answer(403, refused('acct_' + body(key)[:24]))
    WAYS['echo-label'] = lambda key, path: answer(403, refused('acct_1', body(key)[:20], body(key)[:20].lower()))
    WAYS['echo-mk'] = lambda key, path: answer(403, refused('acct_1', more=' https://dashboard.stripe.com/apikeys/mk_' + body(key)))
    WAYS['echo-request'] = lambda key, path: answer(400, error('odd'), 'Request-Id: req_' + body(key)[::-1])
    WAYS['echo-header'] = lambda key, path: answer(400, error('odd'), 'X-Key: ' + key, 'Stripe-Account: acct_' + body(key), 'Retry-After: ' + key)


def manners():
    """How it comes, and whether it ends."""
    def reset(c, key, path):
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        return False

    def flood(first, block):
        def send(c, key, path):
            c.sendall(first)
            while True:
                c.sendall(block)
        return send

    def trickle(c, key, path):
        for byte in answer(401, INVALID):
            c.sendall(bytes([byte]))
            time.sleep(0.5)
        return False
    WAYS['reset'] = reset
    WAYS['closed'] = lambda c, key, path: False
    WAYS['silence'] = lambda c, key, path: (time.sleep(600), False)[1]
    WAYS['trickle'] = trickle
    WAYS['flood-of-headers'] = flood(b'HTTP/1.1 401 X\r\n', b''.join(b'X-%06d: %s\r\n' % (i, b'a' * 80) for i in range(2000)))
    WAYS['header-without-end'] = flood(b'HTTP/1.1 401 X\r\nX: ', b'a' * 65536)
    WAYS['flood-of-hints'] = flood(b'', b'HTTP/1.1 103 Early\r\nLink: <x>\r\n\r\n' * 500)
    WAYS['body-without-end'] = flood(b'HTTP/1.1 401 X\r\n\r\n', b'{"error":{"message":"' + b'a' * 65536)
    WAYS['chunks-without-end'] = flood(b'HTTP/1.1 401 X\r\nTransfer-Encoding: chunked\r\n\r\n', b'1\r\na\r\n' * 5000)


for group in shapes, heads, echoes, manners:
    group()


def serve(c, ways, log):
    file = c.makefile('rb')
    try:
        while True:
            line = file.readline(65536)
            if not line:
                return
            path, headers = line.split(b' ')[1].decode(), {}
            while (line := file.readline(65536)) not in (END, b''):
                name, value = line.split(b':', 1)
                headers[name.strip().lower()] = value.strip()
            file.read(int(headers.get(b'content-length', 0)))
            key = headers.get(b'authorization', b'')[7:].decode()
            way = ways.get(key, 'well')
            log.write(way.encode() + (b' page' if path.startswith('/v1/coupons?') else b'') + b'\n')
            what = WAYS.get(way, lambda key, path: well(path))
            if isinstance(what, bytes):
                c.sendall(what)
            elif what.__code__.co_varnames[0] == 'key':
                c.sendall(what(key, path))
            elif what(c, key, path) is False:
                return
    except (OSError, ValueError):
        pass
    finally:
        file.close()
        c.close()


def main():
    if len(sys.argv) == 1:
        print('\n'.join(WAYS))
        return
    port_file, keys, log = sys.argv[1:]
    ways = dict(line.split() for line in open(keys))
    listener = socket.create_server(('127.0.0.1', 0), backlog=512)
    with open(port_file, 'w') as file:
        file.write(str(listener.getsockname()[1]))
    log = open(log, 'ab', buffering=0)
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0], ways, log), daemon=True).start()


main()
