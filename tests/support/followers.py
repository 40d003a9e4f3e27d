#!/usr/bin/env python3
"""Many who follow the event feed while much happens, and some who never read what they asked for.

followers.py READ_SOCKET CONTROL_SOCKET FOLLOWERS EVENTS KEY...: prints what was seen, one fact a line.
"""
import asyncio
import os
import re
import socket
import sys
import time

SEQ = re.compile(rb'"seq":\s*(\d+)')
NEXT = re.compile(rb'"next":\s*"([^"]+)"')


async def request(reader, writer, line):
    writer.write(line.encode() + b" HTTP/1.1\r\nHost: k\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.I)
    if length:
        return int(head.split()[1]), await reader.readexactly(int(length.group(1)))
    body = b""
    while (size := int(await reader.readuntil(b"\r\n"), 16)) > 0:
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return int(head.split()[1]), body


async def connect(path, uid=0):
    """One user may not have all places: half of the followers are another one, of the same group."""
    there = socket.socket(socket.AF_UNIX)
    if os.geteuid() == 0 and uid:
        os.seteuid(uid)
    try:
        there.connect(path)
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
    there.setblocking(False)
    return await asyncio.open_unix_connection(sock=there, limit=1 << 26)


async def follow(path, uid, cursor, last, seen):
    reader, writer = await connect(path, uid)
    while not seen or seen[-1] < last.value:
        status, body = await request(reader, writer, f"GET /v1/events?after={cursor}&wait=5&limit=1000")
        if status != 200:
            raise RuntimeError(f"{status}: {body[:200]!r}")
        seen += [int(seq) for seq in SEQ.findall(body)]
        cursor = NEXT.search(body).group(1).decode()
    writer.close()


async def never_read(path):
    reader, writer = await connect(path)
    reader._transport.pause_reading()
    writer.write(b"GET /v1/events?after=0&limit=1000 HTTP/1.1\r\nHost: k\r\n\r\n" * 20)
    return writer


async def change(path, keys, n):
    reader, writer = await connect(path)
    for i in range(n):
        what = "resume" if i % 2 == 0 else "pause?reason=load"  # they are paused at first
        status, body = await request(reader, writer, f"POST /v1/keys/{keys[i // 2 % len(keys)]}/{what}")
        if status != 200:
            raise RuntimeError(f"{status}: {body[:200]!r}")
    writer.close()


class Last:
    value = float("inf")


async def main():
    reading, control, followers, events, keys = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:]
    reader, writer = await connect(reading)
    _, body = await request(reader, writer, "GET /v1/events?after=now")
    cursor, last = NEXT.search(body).group(1).decode(), Last()
    first = int(cursor.split("-")[1])
    idle = [await never_read(reading) for _ in range(3)]
    seen = [[] for _ in range(followers)]
    following = [asyncio.create_task(follow(reading, i % 2 and 65534, cursor, last, s)) for i, s in enumerate(seen)]
    await asyncio.sleep(0.5)
    begun = time.monotonic()
    half = len(keys) // 4
    await asyncio.gather(*(change(control, keys[i * half:(i + 1) * half], events // 4) for i in range(4)))
    changed = time.monotonic()
    reader, writer = await connect(reading)  # the first one has been idle for too long
    for _ in range(100):  # the last ones may not be committed yet
        _, body = await request(reader, writer, "GET /v1/events?after=now")
        end = int(NEXT.search(body).group(1).split(b"-")[1])
        if end - first >= events:
            break
        await asyncio.sleep(0.1)
    last.value = end
    await asyncio.wait_for(asyncio.gather(*following), 600)
    done = time.monotonic()
    wanted = list(range(first + 1, last.value + 1))
    print("events", len(wanted))
    print("wrong", sum(s[:len(wanted)] != wanted for s in seen))
    print(f"told in {changed - begun:.1f} s, all heard {done - changed:.1f} s later")
    for w in idle:
        w.close()


asyncio.run(main())
