import { SeededRandom } from "@tailrace/runtime/simulated"
import { describe as kindOf, Kind, Parser, type ParserEvent } from "@nats-io/transport-node"
import { describe, expect, it } from "vitest"
import { NatsReader } from "../src/internal/NatsReader.ts"

const latin1 = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("latin1")

/** A parser of the library that writes down what it reads; messages of the subscriptions 1-3 only, as nobody listens to the others. */
function libraryParser(events: Array<string>): Parser {
  return new Parser({
    push: (event: ParserEvent) => {
      if (event.kind !== Kind.MSG) events.push(kindOf(event))
      else if (event.msg!.sid <= 3) {
        const { sid, subject, reply, hdr } = event.msg!
        const headerBytes = Math.max(0, hdr)
        events.push([sid, latin1(subject), latin1(reply), latin1(event.data!.subarray(0, headerBytes)), latin1(event.data!.subarray(headerBytes))].join("|"))
      }
    }
  })
}

function ownReader(events: Array<string>): NatsReader {
  const lines = libraryParser(events)
  const reader = new NatsReader((line) => lines.parse(line))
  for (const sid of [1, 2, 3]) {
    reader.on(sid, (payload, reply, subject, headers) => events.push([sid, subject, reply, headers, latin1(payload)].join("|")))
  }
  return reader
}

function makeStream(random: SeededRandom): Buffer {
  const parts: Array<Buffer | string> = []
  for (let count = 1 + random.nextInt(12); count > 0; count--) {
    const payload = Buffer.alloc(random.nextInt(4) === 0 ? 0 : random.nextInt(200), "MSG a 1 3\r\nabc\r\nPING\r\n")
    const reply = random.nextInt(2) === 0 ? "" : `_INBOX.x.${random.nextInt(50)} `
    const sid = 1 + random.nextInt(4)
    const header = "NATS/1.0 503\r\n\r\n"
    parts.push(...[
      [`MSG a.b ${sid} ${reply}${payload.length}\r\n`, payload, "\r\n"],
      [`MSG a.b ${sid} ${reply}${payload.length}\r\n`, payload, "\r\n"],
      [`HMSG a.b ${sid} ${reply}${header.length} ${header.length + payload.length}\r\n`, header, payload, "\r\n"],
      ["PING\r\n"],
      ["PONG\r\n"],
      [`INFO {"server_id":"x","max_payload":${random.nextInt(1_000)}}\r\n`],
      ["-ERR 'Slow Consumer'\r\n", "+OK\r\n"]
    ][random.nextInt(7)]!)
  }
  return Buffer.concat(parts.map((part) => Buffer.from(part)))
}

describe("NatsReader", () => {
  it("reads what the library's parser reads, wherever the stream is cut", () => {
    for (let seed = 0; seed < 2_000; seed++) {
      const random = new SeededRandom(seed)
      const stream = makeStream(random)
      const [expected, seen]: [Array<string>, Array<string>] = [[], []]
      libraryParser(expected).parse(stream)
      const reader = ownReader(seen)
      const pieceMax = 1 + random.nextInt(300)
      for (let at = 0; at < stream.length;) {
        const end = Math.min(stream.length, at + 1 + random.nextInt(pieceMax))
        reader.parse(Buffer.from(stream.subarray(at, end)))
        at = end
      }
      expect(seen, `seed ${seed}`).toEqual(expected)
    }
  })

  it("hands over a view of the chunk, or memory of exactly the payload's size", () => {
    const payloads: Array<Buffer> = []
    const reader = new NatsReader(() => {})
    reader.on(1, (payload) => payloads.push(payload))
    const whole = Buffer.from("MSG a 1 4\r\nwhole\r\n".replace("whole", "four"))
    reader.parse(whole)
    const large = Buffer.alloc(300_000, "x")
    reader.parse(Buffer.concat([Buffer.from("MSG a 1 300000\r\n"), large.subarray(0, 65_000)]))
    reader.parse(large.subarray(65_000))
    reader.parse(Buffer.from("\r\n"))
    expect(payloads[0]!.buffer).toBe(whole.buffer)
    expect([payloads[1]!.equals(large), payloads[1]!.buffer.byteLength]).toEqual([true, 300_000])
  })

  it("refuses what is no message, and lines without an end", () => {
    for (const line of ["MSG a 1", "MSG a x 4", "MSG a 1 -4", "MSG a 1 99999999999", "HMSG a 1 9 4", "HMSG a 1 4", "MSG"]) {
      expect(() => new NatsReader(() => {}).parse(Buffer.from(`${line}\r\n`)), line).toThrow("no message")
    }
    const reader = new NatsReader(() => {})
    expect(() => {
      for (let n = 0; n < 100; n++) reader.parse(Buffer.alloc(1_000, "I"))
    }).toThrow("a line of more than 65536 bytes")
  })
})
