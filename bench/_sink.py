"""
A mail server that takes everything and counts it: one process, one loop, no parsing beyond what the protocol needs.

A plain aiosmtpd stops at some 500 messages a second and would be the limit itself; this one takes several thousand.
``python -m bench._sink`` prints its port, then the count of messages each time a line is sent to its standard input.
"""

import asyncio
import sys

EHLO = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
counted = {"messages": 0, "recipients": set(), "bytes": 0}


class Sink(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport):
        self.transport = transport
        self.buffer = b""
        self.data = False
        self.recipient = b""
        transport.write(b"220 sink\r\n")

    def data_received(self, chunk):
        self.buffer += chunk
        answers = []
        while True:
            if self.data:
                end = self.buffer.find(b"\r\n.\r\n")
                if end < 0:
                    break
                counted["messages"] += 1
                counted["bytes"] += end
                counted["recipients"].add(self.recipient)
                self.buffer, self.data = self.buffer[end + 5 :], False
                answers.append(b"250 2.0.0 Ok: queued as S%d\r\n" % counted["messages"])
                continue
            line, found, rest = self.buffer.partition(b"\r\n")
            if not found:
                break
            self.buffer = rest
            verb = line[:4].upper()
            if verb in {b"EHLO", b"HELO"}:
                answers.append(EHLO)
            elif verb == b"DATA":
                self.data = True
                answers.append(b"354 go\r\n")
            elif verb == b"QUIT":
                answers.append(b"221 bye\r\n")
                self.transport.write(b"".join(answers))
                self.transport.close()
                return
            else:
                if verb == b"RCPT":
                    self.recipient = line[8:]
                answers.append(b"250 2.1.0 ok\r\n")
        if answers:
            self.transport.write(b"".join(answers))


async def main():
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(counted["messages"], len(counted["recipients"]), counted["bytes"], flush=True)


if __name__ == "__main__":
    asyncio.run(main())
