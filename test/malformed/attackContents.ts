import { Encoder, frame } from "../bench/harness/wire.ts"
import type { Attack, Target } from "./Attack.ts"
import { RawConnection } from "./RawConnection.ts"
import { creatingRequests, validRequests } from "./validBodies.ts"

const answerMillisMax = 10_000

/** Sends one frame on a connection of its own; an error answer and the end of the connection are both right, silence is not. */
async function expectRefused(target: Target, what: string, bytes: Buffer): Promise<"answered" | "closed"> {
  const connection = await RawConnection.open(target.port)
  await connection.send(bytes)
  const outcome = await connection.answer(8, answerMillisMax)
  connection.destroy()
  if (outcome === "silent") throw new Error(`${what}: neither an answer nor the end of the connection in ${answerMillisMax} ms`)
  return outcome
}

function tally(outcomes: ReadonlyArray<string>): string {
  const answered = outcomes.filter((outcome) => outcome === "answered").length
  return `${answered} answered, ${outcomes.length - answered} closed`
}

/** A frame with header version 2: the count of tagged fields stands behind the client id. */
function flexibleFrame(apiKey: number, version: number, tags: Buffer, body: Buffer): Buffer {
  const rest = new Encoder().int16(apiKey).int16(version).int32(1).string("tier").raw(tags).raw(body).finish()
  return new Encoder().int32(rest.length).raw(rest).finish()
}

const taggedFields = 20_000_000
const apiVersionsBody = new Encoder().unsignedVarint(5).raw(Buffer.from("tier")).unsignedVarint(2).raw(Buffer.from("1")).unsignedVarint(0).finish()

/** Well-framed requests whose contents lie. */
export const contents: ReadonlyArray<Attack> = [
  {
    name: "array counts larger than the frame", frameBytesMax: 1 << 16, timeoutMillis: 120_000,
    async run(target) {
      const outcomes: string[] = []
      for (const request of [...validRequests(target.topic), ...creatingRequests()].filter((each) => each.countAt >= 0)) {
        for (const count of [0x7fffffff, 100_000_000, 65_536]) {
          const body = Buffer.from(request.body)
          body.writeInt32BE(count, request.countAt)
          outcomes.push(await expectRefused(target, `${request.name} with ${count} entries`, frame(request.apiKey, request.version, 1, body)))
        }
      }
      // Compact counts: Metadata version 9, Fetch version 12, DescribeConfigs version 4, FindCoordinator version 4.
      const compact: ReadonlyArray<[string, number, number, Buffer]> = [
        ["Metadata", 3, 9, Buffer.alloc(0)], ["Fetch", 1, 12, new Encoder().int32(-1).int32(1).int32(0).int32(65_536).int8(0).int32(0).int32(-1).finish()],
        ["DescribeConfigs", 32, 4, Buffer.alloc(0)], ["FindCoordinator", 10, 4, new Encoder().int8(0).finish()]
      ]
      for (const [name, apiKey, version, before] of compact) {
        for (const count of [0xffffffff, 0x7fffffff, 100_000_000]) {
          const body = new Encoder().raw(before).unsignedVarint(count).raw(Buffer.alloc(16)).finish()
          outcomes.push(await expectRefused(target, `${name} version ${version} with ${count} entries`, flexibleFrame(apiKey, version, Buffer.from([0]), body)))
        }
      }
      return tally(outcomes)
    }
  },
  {
    name: "20 million tagged fields in an ApiVersions header, announced", frameBytesMax: 1 << 16, timeoutMillis: 30_000,
    async run(target) {
      const announced = new Encoder().unsignedVarint(taggedFields).raw(Buffer.alloc(100)).finish()
      return expectRefused(target, "announced fields", flexibleFrame(18, 3, announced, apiVersionsBody))
    }
  },
  {
    name: "20 million tagged fields in an ApiVersions header, sent", frameBytesMax: taggedFields * 5, timeoutMillis: 90_000,
    async run(target) {
      // Ascending tags of four bytes with no contents: as many as fit in the largest frame.
      const tags = Buffer.alloc(taggedFields * 5)
      for (let tag = 0; tag < taggedFields; tag++) {
        const at = tag * 5
        tags[at] = (tag & 0x7f) | 0x80
        tags[at + 1] = ((tag >> 7) & 0x7f) | 0x80
        tags[at + 2] = ((tag >> 14) & 0x7f) | 0x80
        tags[at + 3] = (tag >> 21) & 0x7f
      }
      const bytes = flexibleFrame(18, 3, new Encoder().unsignedVarint(taggedFields).raw(tags).finish(), apiVersionsBody)
      return expectRefused(target, "sent fields", bytes)
    }
  },
  {
    name: "well-framed requests whose body ends early", frameBytesMax: 1 << 16, timeoutMillis: 120_000,
    async run(target) {
      const outcomes: string[] = []
      for (const request of validRequests(target.topic)) {
        if (request.body.length === 0) continue
        for (const share of [0, 0.3, 0.6, 0.9]) {
          const cut = request.body.subarray(0, Math.floor(request.body.length * share))
          outcomes.push(await expectRefused(target, `${request.name} cut to ${cut.length} bytes`, frame(request.apiKey, request.version, 1, cut)))
        }
      }
      return tally(outcomes)
    }
  },
  {
    name: "unknown requests and versions", frameBytesMax: 1 << 16, timeoutMillis: 60_000,
    async run(target) {
      const outcomes: string[] = []
      for (const [apiKey, version] of [[9_999, 0], [-1, 0], [0, 99], [3, 32_767], [1, -1], [18, -1]] as const) {
        outcomes.push(await expectRefused(target, `api ${apiKey} version ${version}`, frame(apiKey, version, 1, Buffer.alloc(8))))
      }
      // Only this one has an answer that every client can read: version 0 with UNSUPPORTED_VERSION.
      const connection = await RawConnection.open(target.port)
      await connection.send(frame(18, 99, 7, Buffer.alloc(4)))
      const outcome = await connection.answer(10, answerMillisMax)
      connection.destroy()
      if (outcome !== "answered") throw new Error(`ApiVersions version 99: ${outcome}`)
      if (connection.head.readInt32BE(4) !== 7 || connection.head.readInt16BE(8) !== 35) throw new Error("ApiVersions version 99 was not answered with error 35 in version 0")
      return tally([...outcomes, outcome])
    }
  }
]
