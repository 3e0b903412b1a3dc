"""The contract of all drivers (described in drivers/node/contract.ts), for the two Python clients."""

import json
import queue
import struct
import sys
import threading
import time

HEAD = struct.Struct(">iqq")
INT32 = struct.Struct(">i")

leaving = threading.Event()


def emit(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def _bytes(data):
    return b"\xff\xff\xff\xff" if data is None else INT32.pack(len(data)) + data


def encode_record(lane, offset, timestamp, key, value, headers):
    parts = [HEAD.pack(lane, offset, timestamp), _bytes(key), _bytes(value), INT32.pack(len(headers or ()))]
    for name, data in headers or ():
        parts.append(_bytes(name.encode()))
        parts.append(_bytes(data))
    return b"".join(parts)


def read_records(path):
    with open(path, "rb") as file:
        data = file.read()
    at = 0

    def take():
        nonlocal at
        (length,) = INT32.unpack_from(data, at)
        at += 4
        if length < 0:
            return None
        at += length
        return data[at - length:at]

    while at < len(data):
        lane, _offset, timestamp = HEAD.unpack_from(data, at)
        at += HEAD.size
        key, value = take(), take()
        (count,) = INT32.unpack_from(data, at)
        at += 4
        yield lane, timestamp, key, value, [(take().decode(), take()) for _ in range(count)]


class Lanes:
    """Where a consume job stands in each assigned partition."""

    def __init__(self, job):
        self.assigned = []
        for item in job["assign"].split(","):
            topic, partition, start, until = item.split(":")
            self.assigned.append((topic, int(partition), int(start), int(until)))
        self.of = {(topic, partition): lane for lane, (topic, partition, _, _) in enumerate(self.assigned)}
        self.next = [start for _, _, start, _ in self.assigned]
        self.deadline = time.monotonic() + int(job["timeout-ms"]) / 1000

    def accept(self, topic, partition, offset):
        """The lane of a wanted record, or None."""
        lane = self.of[(topic, partition)]
        if offset < self.next[lane] or offset >= self.assigned[lane][3]:
            return None
        self.next[lane] = offset + 1
        return lane

    def unfinished(self):
        if all(self.next[lane] >= one[3] for lane, one in enumerate(self.assigned)):
            return False
        if time.monotonic() > self.deadline:
            waiting = [f"{one[0]}-{one[1]}@{self.next[lane]}<{one[3]}" for lane, one in enumerate(self.assigned) if self.next[lane] < one[3]]
            raise TimeoutError("time-out, still waiting for " + " ".join(waiting))
        return True


def serve(version, run):
    jobs = queue.Queue()

    def listen():
        for line in sys.stdin:
            op, *words = line.rstrip("\n").split("\t")
            if op == "leave":
                leaving.set()
            else:
                jobs.put((op, dict(word.split("=", 1) for word in words)))
        leaving.set()
        jobs.put(None)

    threading.Thread(target=listen, daemon=True).start()
    emit(event="ready", version=version)
    while True:
        job = jobs.get()
        if job is None:
            return
        op, words = job
        try:
            emit(id=int(words["id"]), event="done", count=run(op, words))
        except Exception as error:  # every failure of a client is the result of its cell
            emit(id=int(words["id"]), event="error", message=f"{type(error).__name__}: {error}")
