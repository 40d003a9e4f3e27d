#!/usr/bin/env python3
"""A path that forgets: passes connections on to PORT of 127.0.0.1. From each SIGUSR1 on all that are open then are as
dead as behind a balancer that lost them: what is sent is taken, nothing comes back, nobody hangs up. New ones work.

usage: gap.py PORT-FILE PORT
Listens on a free port and writes it to PORT-FILE.
"""
import asyncio
import os
import signal
import sys

port_file, target = sys.argv[1], int(sys.argv[2])
generation = 0


async def pass_on(reader, writer, born):
    while data := await reader.read(65536):
        if born == generation:
            writer.write(data)
            await writer.drain()
    if born == generation:
        writer.close()


async def serve(reader, writer):
    born = generation
    back, forth = await asyncio.open_connection("127.0.0.1", target)
    await asyncio.gather(pass_on(reader, forth, born), pass_on(back, writer, born), return_exceptions=True)


def forget():
    global generation
    generation += 1


async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, forget)
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    with open(port_file + ".new", "w") as out:
        out.write(str(server.sockets[0].getsockname()[1]))
    os.rename(port_file + ".new", port_file)
    await server.serve_forever()


asyncio.run(main())
