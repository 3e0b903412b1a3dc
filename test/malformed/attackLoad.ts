import { pause } from "../bench/harness/network.ts"
import { Encoder, frame } from "../bench/harness/wire.ts"
import { WireClient } from "../bench/harness/WireClient.ts"
import type { Attack, Target } from "./Attack.ts"
import { RawConnection } from "./RawConnection.ts"
import { validRequests } from "./validBodies.ts"

const pipelined = 10_000

async function pipelineWithoutReading(target: Target, request: Buffer): Promise<string> {
  const connection = await RawConnection.open(target.port)
  connection.socket.pause()
  const all = Buffer.concat(Array.from({ length: pipelined }, () => request))
  // A server that has stopped reading is right; so is one that closes.
  let isBlocked = false
  await connection.send(all, 5_000).catch(() => {
    isBlocked = true
  })
  await pause(2_000)
  const outcome = connection.isClosed ? "closed" : isBlocked ? "no longer read" : "still open"
  connection.destroy()
  return outcome
}

function fetchRequest(topic: string): Buffer {
  const body = new Encoder().int32(-1).int32(0).int32(1).int32(8 << 20).int8(0).int32(0).int32(-1)
  body.array([topic], () => body.string(topic).array([0], () => body.int32(0).int32(-1).int64(0).int64(-1).int32(8 << 20)))
  return frame(1, 11, 1, body.int32(0).string("").finish())
}

/** Clients that send and never read. */
export const load: ReadonlyArray<Attack> = [
  {
    name: `${pipelined.toLocaleString("en")} pipelined Metadata requests from a client that does not read`, frameBytesMax: 1 << 16, timeoutMillis: 60_000,
    run: (target) => pipelineWithoutReading(target, frame(3, 1, 1, new Encoder().int32(-1).finish()))
  },
  {
    name: `${pipelined.toLocaleString("en")} pipelined Fetch requests of megabytes from a client that does not read`, frameBytesMax: 8 << 20, timeoutMillis: 90_000,
    async run(target) {
      const client = await WireClient.connect(target.port)
      for (let index = 0; index < 8; index++) {
        const result = await client.produce(target.topic, 0, { values: [Buffer.alloc(900_000, index)] })
        if (result.errorCode !== 0) throw new Error(`produce: error ${result.errorCode}`)
      }
      client.close()
      return pipelineWithoutReading(target, fetchRequest(target.topic))
    }
  },
  {
    name: "1,000 connections opened and closed, and 200 held open with half a frame", frameBytesMax: 1 << 16, timeoutMillis: 60_000,
    async run(target) {
      const half = frame(3, 1, 1, Buffer.alloc(4)).subarray(0, 9)
      const held = await Promise.all(Array.from({ length: 200 }, () => RawConnection.open(target.port)))
      for (const connection of held) await connection.send(half)
      for (let index = 0; index < 1_000; index += 20) {
        const some = await Promise.all(Array.from({ length: 20 }, () => RawConnection.open(target.port)))
        for (const connection of some) connection.destroy()
      }
      for (const connection of held) connection.destroy()
      return "done"
    }
  }
]

/** Mulberry32: small, fast, and the same everywhere. */
function seeded(seed: number): (boundExclusive: number) => number {
  let state = seed >>> 0
  return (boundExclusive) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * boundExclusive)
  }
}

const extremes = [-1, -2, 0, 1, 0x7fff, 0x7fffffff, -0x80000000, 0x00ffffff]

/** Changes a valid frame in one to four places; the length still fits, so that the contents are what is wrong. */
function mutate(bytes: Buffer, random: (bound: number) => number): Buffer {
  let mutated = Buffer.from(bytes)
  for (let change = 1 + random(4); change > 0; change--) {
    // The api key and version stay, or most frames would only test the dispatch.
    const at = 8 + random(Math.max(1, mutated.length - 8))
    const kind = random(6)
    if (kind === 0) mutated[at] = mutated[at]! ^ (1 << random(8))
    else if (kind === 1) mutated[at] = random(256)
    else if (kind === 2 && at + 4 <= mutated.length) mutated.writeInt32BE(extremes[random(extremes.length)]!, at)
    else if (kind === 3 && at + 2 <= mutated.length) mutated.writeInt16BE(random(65_536) - 32_768, at)
    else if (kind === 4) mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(at + random(8))])
    else mutated = Buffer.concat([mutated.subarray(0, at), Buffer.from(Array.from({ length: random(16) }, () => random(256))), mutated.subarray(at)])
  }
  mutated.writeInt32BE(mutated.length - 4, 0)
  return mutated
}

/** Seeded, so that a run that found something can be repeated. */
export function fuzz(frames: number): Attack {
  return {
    name: `${frames.toLocaleString("en")} mutated frames`, frameBytesMax: 1 << 16, timeoutMillis: 240_000,
    async run(target) {
      const random = seeded(target.seed)
      const requests = validRequests(target.topic)
      const outcomes = { answered: 0, closed: 0, silent: 0 }
      let connection = await RawConnection.open(target.port)
      for (let index = 0; index < frames; index++) {
        const request = requests[random(requests.length)]!
        const before = connection.receivedBytes
        await connection.send(mutate(frame(request.apiKey, request.version, index, request.body), random))
        // Some mutations ask for a long wait or for no answer at all.
        const outcome = await connection.answer(before + 8, 40)
        outcomes[outcome] += 1
        if (outcome !== "answered") {
          connection.destroy()
          connection = await RawConnection.open(target.port)
        }
      }
      connection.destroy()
      return `seed ${target.seed}: ${outcomes.answered} answered, ${outcomes.closed} closed, ${outcomes.silent} without an answer in 40 ms`
    }
  }
}
