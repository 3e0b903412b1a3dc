import { describe, expect, it } from "vitest"
import { decodeBatchesMessage, decodeFetchMessage, encodeBatchesMessage, encodeFetchMessage, ReplicaMessageError } from "../src/sessions.ts"
import type { BatchesMessage, FetchMessage } from "../src/sessions.ts"
import { seeded } from "./batches.ts"

const whole = (message: BatchesMessage): Buffer => Buffer.concat(encodeBatchesMessage(message))
const max = Number.MAX_SAFE_INTEGER
const envelope = { clusterName: "tailrace", from: { nodeId: 2, brokerEpoch: max }, to: { nodeId: 2_147_483_647, brokerEpoch: -1 }, sessionId: 3, sequence: max }
const position = { leaderEpoch: 5, fetchOffset: 2 ** 40, lastFetchedEpoch: -1, durableEnd: 2 ** 40 - 1, logStartOffset: 0, fragmentPosition: 0 }
const name = { topicId: "MkU3OEVBNTcwNTJENDM2Qg", partition: 7 }
const fetches: ReadonlyArray<FetchMessage> = [
  {
    kind: "full", ...envelope, checksum: 0xffff_ffff, waitMillis: 500, bytesMax: 8_388_608,
    entries: [{ slot: 0, name, ...position }, { slot: 300, name: { ...name, partition: 0 }, ...position, lastFetchedEpoch: 4 }], forgotten: []
  },
  { kind: "incremental", ...envelope, checksum: 0, waitMillis: 0, bytesMax: 0, entries: [{ slot: 9, name: undefined, ...position, fragmentPosition: 77 }], forgotten: [1, 200] },
  { kind: "ack", ...envelope, entries: [{ slot: 1, leaderEpoch: 0, durableEnd: max }] }
]
const entry = {
  slot: 1, leaderEpoch: 5, errorCode: 0, highWatermark: 9, logStartOffset: 2, diverging: undefined, baseOffset: 10, prevEpoch: -1,
  fragment: undefined, batches: [Buffer.alloc(700, 1)]
}
const answers: ReadonlyArray<BatchesMessage> = [
  {
    kind: "piece", ...envelope, previousSequence: 4, pieceIndex: 200, isLast: true,
    entries: [
      entry, { ...entry, batches: [], errorCode: -1 }, { ...entry, batches: [], diverging: { leaderEpoch: -1, endOffset: 4 } },
      { ...entry, fragment: { position: 0, totalBytes: 104_857_600 }, batches: [Buffer.alloc(5_000, 2)] }
    ]
  },
  { kind: "piece", ...envelope, previousSequence: 0, pieceIndex: 0, isLast: false, entries: [] },
  { kind: "resync", ...envelope }
]
const samples: ReadonlyArray<{ bytes: Buffer; decode: (bytes: Uint8Array) => unknown }> = [
  ...fetches.map((message) => ({ bytes: encodeFetchMessage(message), decode: decodeFetchMessage })),
  ...answers.map((message) => ({ bytes: whole(message), decode: decodeBatchesMessage }))
]

/** What decoding throws, by its reason; undefined when it does not. */
function reasonOf(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): string | undefined {
  try {
    decode(bytes)
  } catch (error) {
    if (error instanceof ReplicaMessageError) return error.reason
    throw error
  }
  return undefined
}

describe("replica messages as bytes", () => {
  it("come back", () => {
    for (const message of fetches) expect(decodeFetchMessage(encodeFetchMessage(message))).toEqual(message)
    for (const message of answers) expect(decodeBatchesMessage(whole(message))).toEqual(message)
  })

  it("keep their form: version 1", () => {
    const small = { clusterName: "c", from: { nodeId: 1, brokerEpoch: 9 }, to: { nodeId: 2, brokerEpoch: 300 }, sessionId: 3, sequence: 4 }
    const head = "0263" + "00000001" + "0000000000000009" + "00000002" + "000000000000012c" + "0000000000000003" + "0000000000000004"
    expect(encodeFetchMessage({ kind: "ack", ...small, entries: [{ slot: 7, leaderEpoch: 5, durableEnd: 6 }] }).toString("hex"))
      .toBe("0102" + head + "02" + "07" + "00000005" + "0000000000000006")
    expect(whole({ kind: "resync", ...small }).toString("hex")).toBe("0104" + head)
    const piece = whole({
      kind: "piece", ...small, previousSequence: 3, pieceIndex: 1, isLast: true,
      entries: [{ ...entry, batches: [Buffer.from("ab"), Buffer.from("c")] }, { ...entry, slot: 2, batches: [Buffer.from("d")] }]
    })
    const numbers = "00000005" + "0000" + "0000000000000009" + "0000000000000002" + "000000000000000a" + "ffffffff"
    expect(piece.toString("hex")).toBe(
      "0103" + head + "0000000000000003" + "01" + "01" + "03" + `0100${numbers}03` + `0200${numbers}01` + "61626364")
  })

  it("leave large batches where they are, and copy small ones together", () => {
    const large = Buffer.alloc(8_192, 3)
    const small = Buffer.alloc(8_191, 4)
    const message: BatchesMessage = {
      kind: "piece", ...envelope, previousSequence: 0, pieceIndex: 0, isLast: true, entries: [{ ...entry, batches: [small, large, small, small] }, { ...entry, batches: [large] }]
    }
    const parts = encodeBatchesMessage(message)
    expect(parts.map((part) => part === large)).toEqual([false, true, false, true])
    expect(decodeBatchesMessage(Buffer.concat(parts))).toMatchObject({ entries: [{ batches: [Buffer.concat([small, large, small, small])] }, { batches: [large] }] })
  })

  it("batches are views of the message", () => {
    const bytes = samples[3]!.bytes
    const message = decodeBatchesMessage(bytes)
    const [batch] = message.kind === "piece" ? message.entries[0]!.batches : []
    expect(batch!.buffer).toBe(bytes.buffer)
  })

  it("find every cut and every byte too many", () => {
    for (const { bytes, decode } of samples) {
      for (let length = 0; length < bytes.length; length++) {
        expect(["truncated", "element-count"]).toContain(reasonOf(decode, bytes.subarray(0, length)))
      }
      expect(reasonOf(decode, Buffer.concat([bytes, Buffer.alloc(1)]))).toBe("trailing")
    }
  })

  it("answer nonsense with an error of their own, and make nothing of counts that lie", () => {
    const next = seeded(1)
    for (let i = 0; i < 20_000; i++) {
      const { bytes, decode } = samples[next(samples.length)]!
      const damaged = Buffer.from(bytes)
      for (let edits = 1 + next(4); edits > 0; edits--) damaged[next(damaged.length)] = next(256)
      reasonOf(decode, damaged)
    }
    const ack = samples[2]!.bytes
    expect(reasonOf(decodeFetchMessage, Buffer.concat([ack.subarray(0, ack.length - 14), Buffer.from("ffffffff0f", "hex")]))).toBe("element-count")
    expect(reasonOf(decodeFetchMessage, samples[3]!.bytes)).toBe("kind")
    expect(reasonOf(decodeBatchesMessage, ack)).toBe("kind")
    expect(reasonOf(decodeFetchMessage, Buffer.from("0200", "hex"))).toBe("version")
  })
})
