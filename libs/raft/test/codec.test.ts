import { describe, expect, it } from "vitest"
import { binaryControlFormat, decodeMessage, encodeMessage, type Message, RaftMessageError } from "../src/index.ts"
import { Random } from "./sim/Random.ts"

const max = Number.MAX_SAFE_INTEGER
const envelope = {
  clusterId: "MkU3OEVBNTcwNTJENDM2Qk", from: { nodeId: 1, directoryId: "JsPE1JsPRuqRLaSIsPsPsA" },
  to: { nodeId: 2_147_483_647, directoryId: "" }, term: max
}
const snapshot = {
  endOffset: 5, term: 2, sizeBytes: 700, checksum: 4_294_967_295,
  configuration: { voters: [envelope.from], learners: [{ nodeId: 7, directoryId: "é" }] }
}
const entries = [
  { offset: 9, offsetCount: 1, term: 3, kind: "leaderChange" as const, data: Buffer.from("x") },
  { offset: 10, offsetCount: 4, term: 3, kind: "data" as const, data: Buffer.alloc(300, 7) },
  { offset: 14, offsetCount: 1, term: 4, kind: "configuration" as const, data: Buffer.alloc(0) }
]
const messages: ReadonlyArray<Message> = [
  { kind: "preVoteRequest", ...envelope, lastTerm: 3, endOffset: 9 },
  { kind: "preVoteResponse", ...envelope, isGranted: true },
  { kind: "voteRequest", ...envelope, lastTerm: 127, endOffset: 128, isTransfer: true },
  { kind: "voteResponse", ...envelope, isGranted: false },
  { kind: "appendRequest", ...envelope, prevOffset: 9, prevTerm: 3, commit: 2 ** 32, entries },
  { kind: "appendAccepted", ...envelope, matchOffset: max },
  { kind: "appendRejected", ...envelope, rejectedOffset: 9, hintOffset: 8, hintTerm: 1 },
  { kind: "heartbeatRequest", ...envelope, commit: 0, round: 2 ** 40 },
  { kind: "heartbeatResponse", ...envelope, round: 1, endOffset: 16_384 },
  { kind: "snapshotRequest", ...envelope, snapshot, position: 12, data: Buffer.from("piece") },
  { kind: "snapshotResponse", ...envelope, endOffset: 5, position: 17 },
  { kind: "timeoutNow", ...envelope },
  { kind: "readRequest", ...envelope, incarnation: 2 ** 52, batch: 3 },
  { kind: "readResponse", ...envelope, incarnation: 1, batch: 3, offset: 99 },
  { kind: "readResponse", ...envelope, incarnation: 1, batch: 3, offset: undefined },
  { kind: "observeRequest", ...envelope, endOffset: 1 },
  { kind: "observeResponse", ...envelope, leader: envelope.from },
  { kind: "observeResponse", ...envelope, leader: undefined }
]

/** What decoding throws, by its reason; undefined when it does not. */
function reasonOf(bytes: Uint8Array): string | undefined {
  try {
    decodeMessage(bytes)
  } catch (error) {
    if (error instanceof RaftMessageError) return error.reason
    throw error
  }
  return undefined
}

describe("messages as bytes", () => {
  it.each(messages.map((message) => [message.kind, message] as const))("%s comes back", (_kind, message) => {
    expect(decodeMessage(encodeMessage(message))).toEqual(message)
  })

  it("keeps its form: version 1", () => {
    const vote = encodeMessage({ kind: "voteRequest", clusterId: "c", from: { nodeId: 1, directoryId: "a" }, to: { nodeId: 300, directoryId: "b" },
      term: 5, lastTerm: 4, endOffset: 1_000, isTransfer: false })
    expect(vote.toString("hex")).toBe("0102" + "0163" + "010161" + "ac020162" + "05" + "04" + "e807" + "00")
    const append = encodeMessage({ kind: "appendRequest", clusterId: "c", from: { nodeId: 1, directoryId: "a" }, to: { nodeId: 2, directoryId: "b" },
      term: 5, prevOffset: 9, prevTerm: 3, commit: 8, entries })
    expect(append.toString("hex").slice(0, 50)).toBe("0104" + "0163" + "010161" + "020162" + "05" + "090308" + "03" + "0301010178" + "030400ac02")
  })

  it("finds every cut and every byte too many", () => {
    for (const message of messages) {
      const bytes = encodeMessage(message)
      for (let length = 0; length < bytes.length; length++) expect(reasonOf(bytes.subarray(0, length))).toBe("truncated")
      expect(reasonOf(Buffer.concat([bytes, Buffer.alloc(1)]))).toBe("trailing")
    }
  })

  it("answers nonsense with an error of its own, and makes nothing of counts that lie", () => {
    const random = new Random(1)
    for (let i = 0; i < 20_000; i++) {
      const bytes = Buffer.from(encodeMessage(random.pick(messages)))
      for (let edits = random.between(1, 4); edits > 0; edits--) bytes[random.below(bytes.length)] = random.below(256)
      reasonOf(bytes)
    }
    const head = "0104" + "0163" + "010161" + "020162" + "05" + "090308"
    expect(reasonOf(Buffer.from(`${head}ffffffff0f`, "hex"))).toBe("limit")
    expect(reasonOf(Buffer.from(`${head}a08d06`, "hex"))).toBe("truncated")
    expect(reasonOf(Buffer.from(`${head}0103010affffff07`, "hex"))).toBe("range")
    expect(reasonOf(Buffer.from("0204", "hex"))).toBe("version")
    expect(reasonOf(Buffer.from("01ff", "hex"))).toBe("kind")
  })

  it("keeps the core's own entries", () => {
    const data = binaryControlFormat.configuration({ offset: 1, term: 1 }, snapshot.configuration)
    expect(binaryControlFormat.readConfiguration(data)).toEqual(snapshot.configuration)
  })
})
