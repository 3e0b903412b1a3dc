import { connect as connectTls } from "node:tls"
import { pause } from "../bench/harness/network.ts"
import { Encoder, frame } from "../bench/harness/wire.ts"
import type { Attack, Target } from "./Attack.ts"
import { RawConnection } from "./RawConnection.ts"
import { validRequests } from "./validBodies.ts"

const closeMillisMax = 10_000
const framedBytesMax = 100 << 20

const length = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** Sends the bytes and expects the connection to end without a word. */
async function expectClosed(target: Target, what: string, bytes: Uint8Array): Promise<void> {
  const connection = await RawConnection.open(target.port)
  await connection.send(bytes)
  const isClosed = await connection.isClosedWithin(closeMillisMax)
  connection.destroy()
  if (!isClosed) throw new Error(`${what}: the connection is still open after ${closeMillisMax} ms`)
}

/** Lengths that no frame can have, and other protocols whose first bytes read as one. */
export const framing: ReadonlyArray<Attack> = [
  {
    name: "frame lengths -1, 0, 2^31-1 and one more than allowed", frameBytesMax: 0, timeoutMillis: 60_000,
    async run(target) {
      for (const value of [-1, 0, 0x7fffffff, -0x80000000, framedBytesMax + 1]) {
        await expectClosed(target, `length ${value}`, length(value))
        await expectClosed(target, `length ${value} and garbage`, Buffer.concat([length(value), Buffer.alloc(1_000, 7)]))
      }
      return "all closed"
    }
  },
  {
    name: "an HTTP request", frameBytesMax: 0, timeoutMillis: 30_000,
    async run(target) {
      await expectClosed(target, "HTTP", Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n"))
      return "closed"
    }
  },
  {
    name: "a TLS hello", frameBytesMax: 0, timeoutMillis: 30_000,
    async run(target) {
      const outcome = await new Promise<string>((resolve) => {
        const socket = connectTls({ host: "127.0.0.1", port: target.port, rejectUnauthorized: false })
        socket.setTimeout(closeMillisMax, () => {
          socket.destroy()
          resolve("open")
        })
        socket.on("secureConnect", () => resolve("a handshake"))
        socket.on("error", () => resolve("closed"))
        socket.on("close", () => resolve("closed"))
      })
      if (outcome !== "closed") throw new Error(`the hello led to ${outcome}`)
      return outcome
    }
  },
  {
    name: "500 frames cut off by the end of the connection", frameBytesMax: 1 << 20, timeoutMillis: 60_000,
    async run(target) {
      const requests = validRequests(target.topic)
      for (let index = 0; index < 500; index++) {
        const request = requests[index % requests.length]!
        const whole = index % 5 === 0 ? Buffer.concat([length(1 << 20), Buffer.alloc(1 + index * 100)]) : frame(request.apiKey, request.version, index, request.body)
        const connection = await RawConnection.open(target.port)
        await connection.send(whole.subarray(0, 1 + (index * 31) % (whole.length - 1)))
        // Every other one ends by a reset.
        if (index % 2 === 0) connection.socket.resetAndDestroy()
        else connection.destroy()
      }
      return "500 connections"
    }
  },
  {
    name: "100 MiB, at first byte by byte, then in pieces of 64 KiB", frameBytesMax: framedBytesMax, timeoutMillis: 120_000,
    async run(target) {
      const header = new Encoder().int16(0).int16(7).int32(1).string("slow").string(null).int16(-1).int32(1_000).int32(1).string(target.topic).int32(1).int32(0).int32(framedBytesMax).finish()
      const connection = await RawConnection.open(target.port)
      const start = Buffer.concat([length(framedBytesMax), header, Buffer.alloc(4_000)])
      for (let at = 0; at < 4_000; at++) {
        await connection.send(start.subarray(at, at + 1))
        // A turn of the event loop in between keeps the bytes in packets of their own.
        if (at % 4 === 0) await pause(0)
      }
      let sent = 4_000 - 4
      const piece = Buffer.alloc(64 * 1024, 3)
      while (sent < framedBytesMax && !connection.isClosed) {
        const bytes = Math.min(piece.length, framedBytesMax - sent)
        await connection.send(piece.subarray(0, bytes))
        sent += bytes
      }
      const outcome = await connection.answer(1, 30_000)
      connection.destroy()
      if (outcome === "silent") throw new Error("neither an answer nor the end of the connection in 30 s")
      return `${outcome} after ${(sent / (1 << 20)).toFixed(1)} MiB`
    }
  }
]
